using System.Collections.Concurrent;
using System.Diagnostics;

namespace Midflight;

/// <summary>Finds processes that do not yield their thread, reports where they are, and makes sure that they can be killed.</summary>
/// <remarks>
/// <para>
/// The scheduler's watch checks here at each of its ticks. Requests to a running process are made at its next
/// <see cref="Safepoint"/>, because no other thread can read a stack in .NET, or end what runs on it.
/// </para>
/// <para>
/// Asking one process means asking all, which costs each safepoint a few nanoseconds. So a process that does not answer, because it blocks or runs code
/// that is not hot, is asked again only occasionally.
/// </para>
/// </remarks>
internal static class Runaways
{
    // Milliseconds: a killed process gets this time to end by itself, as almost all do.
    private const long Grace = 10;

    // Milliseconds after which a process that does not answer is reported without its stack, or asked less often.
    private const long Patience = 1000;

    // Then one tick in so many.
    private const int Rarely = 64;

    private static readonly ConcurrentQueue<Cell> Killed = new();
    private static readonly List<(Cell Cell, long Since)> Ending = [];

    private static readonly Lock Registering = new();
    private static (Runner Runner, Thread Thread)[] s_runners = [];
    private static long s_ticks;

    /// <summary>Watches what a thread runs, as long as the thread lives.</summary>
    internal static void Watch(Runner runner, Thread thread)
    {
        lock (Registering)
        {
            s_runners = [.. s_runners.Where(known => known.Thread.IsAlive), (runner, thread)];
        }
    }

    /// <summary>A process was killed that was not idle.</summary>
    internal static void Kill(Cell cell)
    {
        Killed.Enqueue(cell);
        Scheduler.WakeWatch();
    }

    /// <summary>Called at each tick of the watch, and by nobody else.</summary>
    /// <returns>Whether there is a process to come back for soon.</returns>
    internal static bool Look()
    {
        var now = Environment.TickCount64;
        s_ticks++;
        var isAsked = LookAtKilled(now);

        foreach (var (runner, _) in Volatile.Read(ref s_runners))
        {
            isAsked |= IsSuspect(runner, now);
        }

        // A field that is only read stays in every processor's cache.
        if (Safepoint.IsAsked != isAsked)
        {
            Safepoint.IsAsked = isAsked;
        }

        return isAsked || Ending.Count > 0;
    }

    private static bool LookAtKilled(long now)
    {
        while (Killed.TryDequeue(out var cell))
        {
            Ending.Add((cell, now));
        }

        Ending.RemoveAll(killed => killed.Cell.IsDead);
        return Ending.Exists(killed => now - killed.Since is var waits && waits >= Grace && (waits < Patience || s_ticks % Rarely == 0));
    }

    private static bool IsSuspect(Runner runner, long now)
    {
        var slice = runner.Slice;
        var tick = Volatile.Read(ref runner.Tick);

        if (!runner.IsRunning || tick != slice.Tick)
        {
            (slice.Tick, slice.Since, slice.IsTold) = (tick, now, false);
            Volatile.Write(ref slice.Suspect, 0);
            return false;
        }

        if (slice.IsTold || runner.Running is not { } cell)
        {
            return false;
        }

        var suspect = Volatile.Read(ref slice.Suspect);

        if (suspect == -tick)
        {
            // It has answered.
            slice.IsTold = true;
            return false;
        }

        if (suspect != tick)
        {
            if (now - slice.Since < cell.Node.Monitor.LongScheduleMilliseconds)
            {
                return false;
            }

            slice.AskedAt = now;
            Volatile.Write(ref slice.Suspect, tick);
        }
        else if (now - slice.AskedAt >= Patience && TryTell(slice, tick))
        {
            RunawayLog.Write(cell, now - slice.Since, null);
            slice.IsTold = true;
            return false;
        }

        return true;
    }

    /// <summary>At a safepoint: says where the calling thread is, if that is asked.</summary>
    internal static void Answer(Cell cell)
    {
        if (Runner.Here is { } runner && runner.Slice is var slice && Volatile.Read(ref slice.Suspect) == runner.Tick && TryTell(slice, runner.Tick))
        {
            RunawayLog.Write(cell, Environment.TickCount64 - slice.Since, new StackTrace(2, fNeedFileInfo: true));
        }
    }

    // Once for a slice, by it or by the watch.
    private static bool TryTell(LongSlice slice, long tick) => Interlocked.CompareExchange(ref slice.Suspect, -tick, tick) == tick;
}
