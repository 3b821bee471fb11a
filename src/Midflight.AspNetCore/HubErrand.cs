namespace Midflight.AspNetCore;

/// <summary>A hub's work for one of its clients: a process, in the code version that accepted it.</summary>
internal sealed class HubErrand(CodeVersion? version, string title, Func<Task> work) : Errand(version)
{
    internal override string Title { get; } = title;

    private protected override Task Carry() => work();

    private protected override Exception Aborted() => new OperationCanceledException($"The process of {Title} was ended before it was done.");
}
