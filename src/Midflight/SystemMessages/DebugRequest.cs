namespace Midflight;

/// <summary>Looks at what is switched on for a process, or changes it.</summary>
/// <param name="act">Given the options, empty where there are none yet; what it returns is the answer.</param>
internal sealed class DebugRequest(Func<Cell, DebugOptions, object?> act) : SystemRequest
{
    internal override void Act(Cell cell, ServerBody body, PendingCall call)
    {
        try
        {
            call.Reply(Carry(cell, body, act), 0);
        }
        // The logger threw: who asked hears of it.
        catch (Exception exception)
        {
            call.Fail(exception);
        }
    }

    /// <summary>Carries it out, for a process of whatever kind. Owner only.</summary>
    internal static object? Carry(Cell cell, Body body, Func<Cell, DebugOptions, object?> act)
    {
        var options = body.Debug ?? new();
        var answer = act(cell, options);
        body.Watch(options.IsEmpty ? null : options);
        return answer;
    }

    public override string ToString() => "debug";
}
