using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Midflight.Host;

/// <summary>Accepts log lines of one kind while they are few, and counts the others.</summary>
/// <remarks>
/// A kind is an event, or a template if the event has no number. Of each kind, a hundred lines are accepted at once, then ten a second. What is omitted is
/// reported before the next line of that kind, and after ten seconds at the latest.
/// </remarks>
internal sealed class LogFlood(TimeProvider time)
{
    private const int AtOnce = 100;
    private const int EachSecond = 10;

    // Kinds come from the code, so they are few. A logger that invents kinds is limited.
    private const int MostKinds = 1000;

    private readonly Dictionary<string, Kind> _kinds = new(StringComparer.Ordinal);

    /// <summary>The kind of a line.</summary>
    internal static string KindOf<TState>(EventId id, TState state) =>
        id.Id != 0 ? string.Create(CultureInfo.InvariantCulture, $"{id.Id} {id.Name}")
        : state is IReadOnlyList<KeyValuePair<string, object?>> { Count: > 0 } parts && parts[^1] is { Key: "{OriginalFormat}", Value: string template } ? template
        : "";

    /// <summary>Whether a line should be written. Under the caller's lock, like everything here.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="leftOut">How many lines before it were omitted.</param>
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

    /// <summary>What was omitted and has not been reported yet, by kind. After this call it counts as reported.</summary>
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
