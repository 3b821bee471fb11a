using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Takes the values of an enum over by their names.</summary>
internal sealed class EnumConverter(TypeChange change, Type from, Type to) : Converter
{
    private readonly ImmutableDictionary<string, long> _now = change.To.Names.ToImmutableDictionary(name => name.Key, name => name.Value);
    private readonly bool _isSame = change.From.Names.SequenceEqual(change.To.Names);
    private readonly ConcurrentDictionary<long, object> _known = new();

    /// <summary>Whether every value keeps its number, so that the number can be copied.</summary>
    public bool KeepsNumbers => _isSame && Equals(change.From.Underlying, change.To.Underlying);

    public override object Convert(object value, Crossing crossing)
    {
        var number = Enum.GetUnderlyingType(from) == typeof(ulong)
            ? unchecked((long)System.Convert.ToUInt64(value, CultureInfo.InvariantCulture))
            : System.Convert.ToInt64(value, CultureInfo.InvariantCulture);
        return _known.TryGetValue(number, out var known)
            ? known
            : _known[number] = Enum.ToObject(to, _isSame ? number : Named(value, number, crossing));
    }

    public override bool MayMeetAgain(ConverterTable table, HashSet<Converter> met, bool many) => false;

    private long Named(object value, long number, Crossing crossing)
    {
        foreach (var (name, old) in change.From.Names)
        {
            if (old == number)
            {
                return _now.TryGetValue(name, out var now) ? now : throw Gone(name, crossing);
            }
        }

        // Flags: the names that make the number up, the largest first.
        var (rest, sum) = (number, 0L);

        foreach (var (name, old) in change.From.Names.Where(name => name.Value != 0).OrderByDescending(name => (ulong)name.Value))
        {
            if ((rest & old) == old)
            {
                rest &= ~old;
                sum |= _now.TryGetValue(name, out var now) ? now : throw Gone(name, crossing);
            }
        }

        return rest == 0 ? sum : throw crossing.Refuse(new(
            change.To.ToString(), null, $"has no name for {value}, so that nothing says what it is now", $"Name it in {change.To}."));
    }

    private ConversionRefusedException Gone(string name, Crossing crossing) => crossing.Refuse(new(
        change.To.ToString(), name, "is gone, and a value of it is still held", $"Keep `{name}` in {change.To}, or convert the type that holds it."));
}
