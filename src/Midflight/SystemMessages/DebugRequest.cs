namespace Midflight;

/// <summary>Reads or changes what is switched on for a process.</summary>
/// <param name="act">Gets the options (empty if there are none yet) and returns the answer.</param>
internal sealed class DebugRequest(Func<Cell, DebugOptions, object?> act) : SystemRequest
{
    internal override void Act(Cell cell, ServerBody body, PendingCall call)
    {
        try
        {
            call.Reply(Carry(cell, body, act), 0);
        }
        // The logger threw: the requester is told.
        catch (Exception exception)
        {
            call.Fail(exception);
        }
    }

    /// <summary>Carries it out, for any kind of process. Owner only.</summary>
    internal static object? Carry(Cell cell, Body body, Func<Cell, DebugOptions, object?> act)
    {
        var options = body.Debug ?? new();
        var answer = act(cell, options);
        body.Watch(options.IsEmpty ? null : options);
        return answer;
    }

    public override string ToString() => "debug";
}
