using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Midflight.Host;

/// <summary>Lets lines of one kind into the log as long as they are few, and counts the others.</summary>
/// <remarks>
/// A kind is an event, or a template where the event has no number. Of each a hundred come at once, then ten a second; what is left out is
/// told before the next line of its kind, and after ten seconds at the latest.
/// </remarks>
internal sealed class LogFlood(TimeProvider time)
{
    private const int AtOnce = 100;
    private const int EachSecond = 10;

    // Kinds are of the code, so they are few; a logger that makes them up is not let in without end.
    private const int MostKinds = 1000;

    private readonly Dictionary<string, Kind> _kinds = new(StringComparer.Ordinal);

    /// <summary>Which kind a line is of.</summary>
    internal static string KindOf<TState>(EventId id, TState state) =>
        id.Id != 0 ? string.Create(CultureInfo.InvariantCulture, $"{id.Id} {id.Name}")
        : state is IReadOnlyList<KeyValuePair<string, object?>> { Count: > 0 } parts && parts[^1] is { Key: "{OriginalFormat}", Value: string template } ? template
        : "";

    /// <summary>Whether a line is written. Under the lock of who asks, as all here.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="leftOut">How many before it were not.</param>
    internal bool Lets(string kind, out long leftOut)
    {
        if (!_kinds.TryGetValue(kind, out var seen))
        {
            if (_kinds.Count >= MostKinds)
            {
                _kinds.Clear();
            }

            _kinds[kind] = seen = new Kind { Left = AtOnce, At = time.GetTimestamp() };
        }

        seen.Left = Math.Min(AtOnce, seen.Left + (EachSecond * time.GetElapsedTime(seen.At).TotalSeconds));
        seen.At = time.GetTimestamp();

        if (seen.Left < 1)
        {
            seen.LeftOut++;
            leftOut = 0;
            return false;
        }

        seen.Left--;
        (leftOut, seen.LeftOut) = (seen.LeftOut, 0);
        return true;
    }

    /// <summary>What was left out and is not told yet, by kind. It is, after this.</summary>
    internal List<(string Kind, long LeftOut)> Untold()
    {
        var untold = new List<(string, long)>();

        foreach (var (kind, seen) in _kinds)
        {
            if (seen.LeftOut > 0)
            {
                untold.Add((kind, seen.LeftOut));
                seen.LeftOut = 0;
            }
        }

        return untold;
    }

    private sealed class Kind
    {
        internal double Left;
        internal long At;
        internal long LeftOut;
    }
}
