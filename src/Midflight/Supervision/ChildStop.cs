namespace Midflight;

/// <summary>Stops children: asks them to end, waits as long as they may take, then kills them.</summary>
internal static class ChildStop
{
    /// <summary>Stops one child and waits for its end. Called by its supervisor, in its slice.</summary>
    internal static async ValueTask Stop(Cell supervisor, string module, ChildSpec spec, Cell child)
    {
        var ends = new EndWatch.Ends(supervisor);
        Ask(supervisor, spec, child, ends);

        if (!spec.Shutdown.IsBrutal && !spec.Shutdown.IsInfinite && !await ends.Within(spec.Shutdown.Time))
        {
            child.Kill();
        }

        await ends.All;
        Report(supervisor, module, spec, child, ends.ReasonOf(child)!);
    }

    /// <summary>Stops many children at once, each with its own time, and waits until all have ended. Called by their supervisor, in its slice.</summary>
    internal static async ValueTask StopAll(Cell supervisor, string module, IReadOnlyCollection<KeyValuePair<Cell, ChildSpec>> children)
    {
        var ends = new EndWatch.Ends(supervisor);

        foreach (var (child, spec) in children)
        {
            Ask(supervisor, spec, child, ends);
        }

        var waited = TimeSpan.Zero;

        foreach (var group in children
            .Where(child => !child.Value.Shutdown.IsBrutal && !child.Value.Shutdown.IsInfinite)
            .GroupBy(child => child.Value.Shutdown.Time)
            .OrderBy(group => group.Key))
        {
            if (await ends.Within(group.Key - waited))
            {
                break;
            }

            waited = group.Key;

            foreach (var (late, _) in group.Where(child => ends.ReasonOf(child.Key) is null))
            {
                late.Kill();
            }
        }

        await ends.All;

        foreach (var (child, spec) in children)
        {
            Report(supervisor, module, spec, child, ends.ReasonOf(child)!);
        }
    }

    // Monitored first, then unlinked, then asked: so its end is reported once, whatever it does with its own links.
    private static void Ask(Cell supervisor, ChildSpec spec, Cell child, EndWatch.Ends ends)
    {
        ends.Watch(child);

        if (supervisor.Links.Remove(child))
        {
            child.Post(new UnlinkSignal(supervisor));
        }

        if (spec.Shutdown.IsBrutal)
        {
            child.Kill();
        }
        else
        {
            child.Post(new ExitSignal(supervisor, ExitReason.Shutdown, link: false));
        }
    }

    private static void Report(Cell supervisor, string module, ChildSpec spec, Cell child, ExitReason reason)
    {
        var expected = reason is ExitReason.NoProcessReason
            || !reason.IsAbnormal
            || (spec.Shutdown.IsBrutal && reason == ExitReason.Killed);

        if (!expected)
        {
            SupervisorLog.ShutdownFailed(supervisor.Node.Logger, supervisor.Pid, module, spec.Id, child.Pid, reason.ToString(), spec.Shutdown.ToString());
        }
    }
}
