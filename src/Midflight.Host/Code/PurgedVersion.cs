using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>A code version that was dropped. It holds none of the code, and can only tell whether it is really gone.</summary>
internal sealed class PurgedVersion(string name, KeepMode keep, WeakReference context, HeldContext? held)
{
    // A collectible context goes away in two or three collections: each can free the root of the next.
    private const int Cycles = 12;

    internal string Name => name;

    /// <summary>Whether it was never meant to be unloaded.</summary>
    internal bool Stays => keep == KeepMode.Retained;

    internal bool IsUnloaded => !context.IsAlive;

    /// <summary>Whether it waits for threads to end, so that no collection can free it yet.</summary>
    internal bool IsHeld => held is { IsHeld: true };

    /// <summary>Collects garbage until the version is gone, a limited number of times, and looks for the reason if it stays.</summary>
    internal UnloadReport Prove(Node node)
    {
        for (var i = 0; i < Cycles && keep == KeepMode.Unloadable && context.IsAlive; i++)
        {
            HeldContext.Sweep();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return Report(node);
    }

    /// <summary>Whether it is gone, and if not, what holds it.</summary>
    internal UnloadReport Report(Node node) => keep == KeepMode.Retained
        ? new(name, false, ["It is Retained: it runs at full speed, and its code stays in memory."])
        : IsHeld ? new(name, false, [Waits()])
        : context.IsAlive ? new(name, false, Holders(node)) : new(name, true, []);

    private static string Waits() => $"It waits for threads that may have run it to end ({string.Join(", ", HeldContext.Awaited)}): .NET corrupts memory if one ends after its code is unloaded. "
        + "Run such work in a process or on the thread pool. In a program of your own set `System.Threading.ThreadPool.ThreadTimeoutMs` to -1 in its runtimeconfig, as a release does.";

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ImmutableArray<string> Holders(Node node)
    {
        if (context.Target is not AssemblyLoadContext held)
        {
            return [];
        }

        var found = HolderSearch.Find(node, held);
        return found.IsEmpty
            ? ["No process holds a value of it: a static field, a timer, a thread or a native handle outside it does. Look for events that it subscribed to."]
            : found;
    }
}

/// <summary>Whether the memory of a purged version was freed.</summary>
/// <param name="Version">The version.</param>
/// <param name="Unloaded">Whether it is gone.</param>
/// <param name="Reasons">Why it is not gone, one sentence each.</param>
internal sealed record UnloadReport(string Version, bool Unloaded, ImmutableArray<string> Reasons)
{
    /// <inheritdoc/>
    public override string ToString() => Unloaded ? $"{Version} is unloaded." : $"{Version} is still in memory. {string.Join(" ", Reasons)}";
}
