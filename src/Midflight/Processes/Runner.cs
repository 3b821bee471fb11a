namespace Midflight;

/// <summary>A thread that runs processes: a worker of the scheduler, or one from outside whose calls run in place.</summary>
internal class Runner
{
    [ThreadStatic]
    private static Runner? t_here;

    // Counts slices; with IsRunning it tells the watch whether a slice is long.
    internal long Tick = 1;
    internal volatile bool IsRunning;

    /// <summary>What it runs, or ran last. A process that is called in place from there is not told apart.</summary>
    internal Cell? Running;

    /// <summary>What the watch makes of it.</summary>
    internal readonly LongSlice Slice = new();

    /// <summary>That of this thread; null on a thread that has never run a process.</summary>
    internal static Runner? Here
    {
        get => t_here;
        set => t_here = value;
    }

    /// <summary>A thread that is no worker is about to run a process in place.</summary>
    /// <returns>Null where that is part of a slice already.</returns>
    internal static Runner? Enter(Cell cell)
    {
        var here = t_here ?? Register();

        if (here.IsRunning)
        {
            return null;
        }

        here.Tick++;
        here.Running = cell;
        here.IsRunning = true;
        return here;
    }

    /// <summary>It has run the process, and holds nothing of it.</summary>
    internal void Exit()
    {
        IsRunning = false;
        Running = null;
    }

    private static Runner Register()
    {
        var here = t_here = new();
        Runaways.Watch(here, Thread.CurrentThread);
        return here;
    }
}

/// <summary>How long the slice of one runner takes. Owned by the watch, but for the tick of a suspect.</summary>
internal sealed class LongSlice
{
    internal long Tick;
    internal long Since;
    internal bool IsTold;

    // That of the slice which is to say where it is; 0 while none is.
    internal long Suspect;
    internal long AskedAt;
}
