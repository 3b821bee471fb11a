using System.Collections.Concurrent;

namespace Midflight;

/// <summary>What a node keeps outside of its processes, and that may be values of hot code: a table, a registry, a persistent value.</summary>
/// <remarks>
/// An upgrade takes it along in its transaction, as it does the states of processes: rehearsed on a copy, converted while those who
/// change code are suspended, put back if the upgrade fails. Until then, and where an older version still reads, a value is converted
/// for whoever reads it.
/// </remarks>
internal abstract class HotStore
{
    // A writer and a conversion exclude each other; readers take no lock.
    private readonly Lock _lock = new();

    // Owned by the lock. Counts what was written, so that a rollback knows whether what it has kept is still all.
    private long _writes;

    /// <summary>For sentences: which.</summary>
    internal abstract string Title { get; }

    /// <summary>What holds the values; null where there is nothing any more.</summary>
    internal abstract object? Contents { get; }

    /// <summary>Puts other contents in place of these, in one step.</summary>
    private protected abstract void Replace(object contents);

    /// <summary>The same contents with each value converted; the very same where none needs it.</summary>
    /// <exception cref="ConversionException">One cannot be converted; nothing has changed.</exception>
    private protected abstract object Convert(object contents, Conversion incoming, out int count);

    private protected void Write(Action write)
    {
        lock (_lock)
        {
            _writes++;
            write();
        }
    }

    private protected T Write<T>(Func<T> write)
    {
        lock (_lock)
        {
            _writes++;
            return write();
        }
    }

    /// <summary>Converts everything and throws it away.</summary>
    /// <returns>How many values that were.</returns>
    internal int Rehearse(Conversion incoming)
    {
        var count = 0;

        if (Contents is { } contents)
        {
            Convert(contents, incoming, out count);
        }

        return count;
    }

    /// <summary>Converts everything, in one step for those who read.</summary>
    /// <param name="incoming">Into which code version.</param>
    /// <param name="back">Into the one that is left, for a way back with what is written meanwhile.</param>
    /// <returns>What puts it back as it was; null where nothing was to be converted.</returns>
    internal Action? Bring(Conversion incoming, Conversion? back = null)
    {
        lock (_lock)
        {
            if (Contents is not { } before || Convert(before, incoming, out _) is var after && ReferenceEquals(before, after))
            {
                return null;
            }

            Replace(after);
            var writes = _writes;
            return () => PutBack(before, writes, back);
        }
    }

    private void PutBack(object before, long writes, Conversion? back)
    {
        lock (_lock)
        {
            if (Contents is { } now)
            {
                Replace(writes == _writes || back is null ? before : Convert(now, back, out _));
            }
        }
    }
}

/// <summary>The stores of one node.</summary>
internal sealed class HotStores
{
    private readonly ConcurrentDictionary<HotStore, bool> _all = new(ReferenceEqualityComparer.Instance);

    internal IEnumerable<HotStore> All => _all.Keys;

    internal void Add(HotStore store) => _all[store] = true;

    internal void Remove(HotStore store) => _all.TryRemove(store, out _);
}
