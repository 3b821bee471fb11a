using System.Collections;
using System.Runtime.CompilerServices;

namespace Midflight.Host;

/// <summary>Stands in a collection that was read for what it compared with where it was written: that is code, which a reader of another version does not have.</summary>
internal interface IWireComparer
{
    /// <summary>What was read of it; null for the default of .NET.</summary>
    public object? Original { get; }

    /// <summary>Says what the collection will hold.</summary>
    public void Learn(object?[] items);
}

/// <summary>Tells elements apart as the writer did, and keeps the order that they had there. A conversion puts the comparer of the new version in its place.</summary>
/// <param name="original">What was read of the comparer.</param>
/// <param name="keepsPlaces">Whether the order in memory is none by value, as in a heap.</param>
internal sealed class WireComparer<T>(object? original, bool keepsPlaces) : IWireComparer, IEqualityComparer<T>, IComparer<T>, IEqualityComparer, IComparer
{
    private Dictionary<object, int> _places = [];

    public object? Original => original;

    public void Learn(object?[] items)
    {
        _places = new(new Same());

        for (var i = 0; i < items.Length; i++)
        {
            if (items[i] is { } item)
            {
                _places.TryAdd(item, i);
            }
        }
    }

    public bool Equals(T? x, T? y) => Equals((object?)x, y);

    public int GetHashCode(T obj) => GetHashCode((object?)obj);

    public int Compare(T? x, T? y) => Compare((object?)x, y);

    public new bool Equals(object? x, object? y) => x is ValueType ? x.Equals(y) : ReferenceEquals(x, y);

    public int GetHashCode(object? obj) => obj is ValueType ? obj.GetHashCode() : RuntimeHelpers.GetHashCode(obj);

    public int Compare(object? x, object? y) => keepsPlaces ? 0 : Place(x).CompareTo(Place(y));

    private int Place(object? item) => item is null ? -1 : _places.GetValueOrDefault(item, int.MaxValue);

    private sealed class Same : IEqualityComparer<object>
    {
        public new bool Equals(object? x, object? y) => x is ValueType ? x.Equals(y) : ReferenceEquals(x, y);

        public int GetHashCode(object obj) => obj is ValueType ? obj.GetHashCode() : RuntimeHelpers.GetHashCode(obj);
    }
}

/// <summary>Takes a comparer over of which only what it held was read.</summary>
internal sealed class WireComparerConverter : Converter
{
    public override object? Convert(object value, Crossing crossing) => crossing.Any(((IWireComparer)value).Original);
}
