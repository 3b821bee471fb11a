using System.Diagnostics.Metrics;

namespace Midflight;

/// <summary>Instruments of the meter <c>Midflight</c> that observe one object without keeping it in memory.</summary>
/// <remarks>
/// .NET keeps every undisposed meter in a list, with the callbacks of its instruments. So these refer to what they
/// observe by a weak reference, and show nothing once it is gone.
/// </remarks>
/// <param name="observed">The observed object.</param>
/// <param name="name">The meter's name.</param>
internal sealed class WeakMeter<T>(T observed, string name = "Midflight") : IDisposable
    where T : class
{
    private readonly Meter _meter = new(name);
    private readonly WeakReference<T> _observed = new(observed);

    /// <summary>A figure that only grows, computed when a listener asks.</summary>
    internal void Total(string name, string unit, string description, Func<T, long> read) =>
        _meter.CreateObservableCounter(name, () => Read(read), unit, description);

    /// <summary>A figure that rises and falls, computed when a listener asks.</summary>
    internal void Level(string name, string unit, string description, Func<T, long> read) =>
        _meter.CreateObservableUpDownCounter(name, () => Read(read), unit, description);

    /// <summary>Several such figures, distinguished by a tag.</summary>
    internal void Levels(string name, string unit, string description, string tag, Func<T, IEnumerable<(string Which, long Value)>> read) =>
        _meter.CreateObservableUpDownCounter(
            name,
            () => _observed.TryGetTarget(out var target) ? read(target).Select(one => Measured(one.Value, tag, one.Which)).ToArray() : [],
            unit,
            description);

    /// <summary>A figure that is counted as it happens.</summary>
    internal Counter<long> Counter(string name, string unit, string description) => _meter.CreateCounter<long>(name, unit, description);

    /// <summary>Times, in seconds.</summary>
    internal Histogram<double> Seconds(string name, string description) => _meter.CreateHistogram<double>(name, "s", description);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private Measurement<long>[] Read(Func<T, long> read) => _observed.TryGetTarget(out var target) ? [new(read(target))] : [];

    private static Measurement<long> Measured(long value, string tag, string which) => new(value, new KeyValuePair<string, object?>(tag, which));
}

/// <summary>Counts so that a throwing listener cannot interfere with the work.</summary>
internal static class Measuring
{
    /// <summary>Adds to a counter. Never throws.</summary>
    /// <param name="counter">The counter.</param>
    /// <param name="count">How many.</param>
    /// <param name="tags">Text, never a type: a listener may keep them.</param>
    internal static void Count(this Counter<long> counter, long count, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        try
        {
            counter.Add(count, tags);
        }
        // Code of a listener.
        catch (Exception)
        {
        }
    }

    /// <summary>Adds a time. Never throws.</summary>
    /// <inheritdoc cref="Count"/>
    /// <param name="histogram">The histogram.</param>
    /// <param name="time">How long.</param>
    /// <param name="tags">Text, never a type: a listener may keep them.</param>
    internal static void Took(this Histogram<double> histogram, TimeSpan time, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        try
        {
            histogram.Record(time.TotalSeconds, tags);
        }
        // As above.
        catch (Exception)
        {
        }
    }
}
