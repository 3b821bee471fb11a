namespace Midflight;

/// <summary>A handler of an event manager.</summary>
/// <param name="Module">The full name of its type.</param>
/// <param name="Id">Distinguishes it from others of the module.</param>
/// <param name="Pid">Its process.</param>
/// <param name="Supervisor">The process that added it supervised; the pid of no process if none did.</param>
public sealed record HandlerEntry(string Module, string? Id, Pid Pid, Pid Supervisor)
{
    /// <inheritdoc/>
    public override string ToString() => Id is null ? $"{Module} {Pid}" : $"{Module} '{Id}' {Pid}";
}
