using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Midflight.Host;

/// <summary>Looks after purged code versions until their memory has gone, and says so, or why it does not go.</summary>
/// <remarks>
/// A load context goes with the garbage collector, after two or three full collections. They are asked for in the background: a
/// blocking one would be felt by every process.
/// </remarks>
internal sealed partial class UnloadWatch(Node node)
{
    // Collections to wait for before somebody must be holding the version.
    private const int Patience = 8;

    // As a rule it takes two, each some milliseconds; where the heap is large they take longer.
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(25);
    private const int Doublings = 5;

    // For the processes to go on in.
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(5);

    // Then it is told, and looked for more rarely: a timer or a callback under way lets go some time.
    private const int MorePatience = 24;
    private static readonly TimeSpan s_later = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private ImmutableArray<PurgedVersion> _waiting = [];

    // Those told of because they did not go, and how many there have been.
    private ImmutableArray<PurgedVersion> _overdue = [];
    private long _late;

    /// <summary>Code versions that were purged and are still in memory.</summary>
    internal ImmutableArray<PurgedVersion> Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting = _waiting.RemoveAll(version => version.IsUnloaded);
            }
        }
    }

    /// <summary>Those of them that should have gone by now.</summary>
    internal int Overdue
    {
        get
        {
            lock (_lock)
            {
                return (_overdue = _overdue.RemoveAll(version => version.IsUnloaded)).Length;
            }
        }
    }

    /// <summary>How many such there have been.</summary>
    internal long Late => Volatile.Read(ref _late);

    private void Tell(ImmutableArray<PurgedVersion> versions)
    {
        lock (_lock)
        {
            _overdue = _overdue.AddRange(versions);
            _late += versions.Length;
        }
    }

    /// <summary>Begins to look after versions that have just been purged.</summary>
    internal void Add(ImmutableArray<PurgedVersion> versions)
    {
        if (versions.IsEmpty)
        {
            return;
        }

        lock (_lock)
        {
            _waiting = _waiting.AddRange(versions);
        }

        _ = Task.Run(() => Follow(versions));
    }

    private async Task Follow(ImmutableArray<PurgedVersion> versions)
    {
        for (var i = 1; !versions.IsEmpty && i <= Patience + MorePatience; i++)
        {
            HeldContext.Sweep();

            if (i > Patience && versions.All(version => version.IsHeld))
            {
                // No collection takes it, and there is no saying when those threads will end.
                await Task.Delay(s_later, node.Time).ConfigureAwait(false);
                i = Patience;
                continue;
            }

            // A full collection looks at each dead object of the youngest generation, which can be millions; one of that generation at the
            // living alone. So two short pauses take the place of a long one.
            GC.Collect(0);
            await Task.Delay(s_between, node.Time).ConfigureAwait(false);
            HeldContext.Sweep();
            GC.Collect(2, GCCollectionMode.Forced, blocking: false);
            await Task.Delay(i <= Patience ? s_first * (1 << Math.Min(i - 1, Doublings)) : s_later, node.Time).ConfigureAwait(false);

            foreach (var gone in versions.Where(version => version.IsUnloaded).ToList())
            {
                Unloaded(node.Logger, gone.Name);
                versions = versions.Remove(gone);
            }

            if (versions.IsEmpty)
            {
                NativeHeap.GiveBack();
            }

            if (i == Patience)
            {
                foreach (var report in versions.Select(version => version.Report(node)))
                {
                    StillThere(node.Logger, report.Version, string.Join(" ", report.Reasons));
                }

                versions = versions.RemoveAll(version => version.Stays);
                Tell(versions);
            }
        }
    }

    [LoggerMessage(EventId = 120, EventName = "CodeUnloaded", Level = LogLevel.Information, Message = "{Version} is unloaded.")]
    private static partial void Unloaded(ILogger logger, string version);

    [LoggerMessage(EventId = 121, EventName = "CodeNotUnloaded", Level = LogLevel.Warning, Message = "{Version} is purged but still in memory. {Reasons}")]
    private static partial void StillThere(ILogger logger, string version, string reasons);
}
