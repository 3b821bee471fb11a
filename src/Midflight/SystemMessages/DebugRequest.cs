namespace Midflight;

/// <summary>Looks at what is switched on for a process, or changes it.</summary>
/// <param name="act">Given the options, empty where there are none yet; what it returns is the answer.</param>
internal sealed class DebugRequest(Func<Cell, DebugOptions, object?> act) : SystemRequest
{
    internal override void Act(Cell cell, ServerBody body, PendingCall call)
    {
        var options = body.Debug ?? new();

        try
        {
            var answer = act(cell, options);
            body.Watch(options.IsEmpty ? null : options);
            call.Reply(answer, 0);
        }
        // The logger threw: who asked hears of it.
        catch (Exception exception)
        {
            call.Fail(exception);
        }
    }

    public override string ToString() => "debug";
}
