using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Takes the values of an enum over by their names.</summary>
/// <remarks>
/// A value says which names it is made of: the one that has its number, or, where the enum is one of flags, all that are within it. It passes
/// where the new number is made of the same names and of no other. A number without a name stays what it is where every name that was there
/// is, with its number, and no new name has taken it.
/// </remarks>
internal sealed class EnumConverter(TypeChange change, Type from, Type to) : Converter
{
    private readonly ImmutableArray<KeyValuePair<string, long>> _old = change.From.Names;
    private readonly ImmutableDictionary<string, long> _now = change.To.Names.ToImmutableDictionary(name => name.Key, name => name.Value);
    private readonly bool _isFlags = from.IsDefined(typeof(FlagsAttribute), inherit: false) || to.IsDefined(typeof(FlagsAttribute), inherit: false);
    private readonly ConcurrentDictionary<long, object> _known = new();

    /// <summary>Whether every value keeps its number, so that the number can be copied.</summary>
    public bool KeepsNumbers => change.From.Names.SequenceEqual(change.To.Names) && Equals(change.From.Underlying, change.To.Underlying);

    public override object Convert(object value, Crossing crossing)
    {
        var number = Enum.GetUnderlyingType(from) == typeof(ulong)
            ? unchecked((long)System.Convert.ToUInt64(value, CultureInfo.InvariantCulture))
            : System.Convert.ToInt64(value, CultureInfo.InvariantCulture);
        return _known.TryGetValue(number, out var known)
            ? known
            : _known[number] = Enum.ToObject(to, Fitting(KeepsNumbers ? number : Number(value, number, crossing), value, crossing));
    }

    public override bool MayMeetAgain(ConverterTable table, HashSet<Converter> met, bool many) => false;

    private long Number(object value, long number, Crossing crossing)
    {
        var names = _old.Where(name => name.Value == number).Select(name => name.Key).ToList();

        if (names.Count > 0)
        {
            return Common(names, value, crossing);
        }

        if (number == 0 && !_isFlags && _now.ContainsValue(0))
        {
            throw crossing.Refuse(new(
                change.To.ToString(), null, "names 0, which had no name before, so it is unclear whether that name is meant", $"Convert the type that holds it, or leave 0 without a name in {change.To}."));
        }

        var parts = _isFlags ? _old.Where(name => name.Value != 0 && (number & name.Value) == name.Value).ToList() : [];
        var rest = parts.Aggregate(number, (rest, name) => rest & ~name.Value);

        if (rest != 0)
        {
            return AllStay() && !_now.Any(name => !WasThere(name.Key) && Takes(name.Value, number, rest)) ? number : throw crossing.Refuse(new(
                change.To.ToString(), null, $"has no name for {value}, so its new value is unknown", $"Name it in {change.To}."));
        }

        var now = parts.Aggregate(0L, (sum, name) => sum | (_now.TryGetValue(name.Key, out var value) ? value : throw Gone(name.Key, crossing)));
        return IsMadeOf(now, parts) && !Overlap(parts) ? now : throw crossing.Refuse(new(
            change.To.ToString(), null, $"gives {value} another meaning, because the values of its flags overlap", $"Give the flags of {change.To} values that do not overlap, or convert the type that holds it."));
    }

    // Names that stood for one number have to stand for one still.
    private long Common(List<string> names, object value, Crossing crossing)
    {
        var numbers = names.Select(name => _now.TryGetValue(name, out var now) ? now : (long?)null).Distinct().ToList();
        return numbers switch
        {
            [{ } one] when !_isFlags || Stays(names[0], one) || (IsSum(names[0], one) && IsMadeOf(one, [.. _old.Where(name => name.Value != 0 && (Old(names[0]) & name.Value) == name.Value)])) => one,
            [{ }] => throw crossing.Refuse(new(
                change.To.ToString(), names[0], "combines other flags than before", $"Let {names[0]} combine the same flags, or convert the type that holds it.")),
            _ when numbers.OfType<long>().Distinct().Count() > 1 => throw crossing.Refuse(new(
                change.To.ToString(), null, $"has different numbers for {string.Join(" and ", names)}, which had the same number", "Give them one number, or convert the type that holds it.")),
            [_, _] => numbers.OfType<long>().First(),
            _ => throw Gone(value.ToString()!, crossing),
        };
    }

    // It and all flags in it have the numbers that they had, so it is made of the same ones.
    private bool Stays(string name, long now) =>
        Old(name) == now && _old.Where(part => (now & part.Value) == part.Value).All(part => _now.TryGetValue(part.Key, out var number) && number == part.Value);

    // A name for several flags together has to be one for the same flags, and for no more.
    private bool IsSum(string name, long now)
    {
        var number = Old(name);
        var parts = _old.Where(part => part.Value != 0 && part.Value != number && (number & part.Value) == part.Value && _now.ContainsKey(part.Key)).ToList();
        return parts.Aggregate(0L, (sum, part) => sum | part.Value) != number || parts.Aggregate(0L, (sum, part) => sum | _now[part.Key]) == now;
    }

    // Whether flags that were apart have a bit in common now, so that to take one away would take some of another.
    private bool Overlap(List<KeyValuePair<string, long>> parts) => parts.Exists(one => parts.Exists(other =>
        (one.Value & other.Value) == 0 && (_now[one.Key] & _now[other.Key]) != 0));

    private long Old(string name) => _old.First(other => other.Key == name).Value;

    private bool AllStay() => _old.All(name => _now.TryGetValue(name.Key, out var now) && now == name.Value);

    private bool WasThere(string name) => _old.Any(old => old.Key == name);

    private bool Takes(long added, long number, long rest) => _isFlags ? (added & rest) != 0 : added == number;

    // Whether the names in a new number are just those which were in the old one; names for several of them aside.
    private bool IsMadeOf(long now, List<KeyValuePair<string, long>> parts)
    {
        var kept = parts.Where(part => part.Value != 0).Select(part => part.Key).ToHashSet();
        return _now.Where(name => name.Value != 0 && (now & name.Value) == name.Value && !kept.Contains(name.Key))
            .All(name => !WasThere(name.Key) && kept.Where(part => _now.TryGetValue(part, out var value) && (name.Value & value) == value)
                .Aggregate(0L, (sum, part) => sum | _now[part]) == name.Value && kept.All(part => !_now.TryGetValue(part, out var value) || value != name.Value));
    }

    private long Fitting(long number, object value, Crossing crossing)
    {
        var narrow = Enum.GetUnderlyingType(to);
        var isUnsigned = Enum.GetUnderlyingType(from) == typeof(ulong) && KeepsNumbers;
        var fits = narrow == typeof(ulong) ? isUnsigned || number >= 0 || _now.ContainsValue(number)
            : narrow == typeof(long) ? !(Enum.GetUnderlyingType(from) == typeof(ulong) && number < 0 && !_now.ContainsValue(number))
            : number >= Least(narrow) && number <= Most(narrow);
        return fits ? number : throw crossing.Refuse(new(
            change.To.ToString(), null, $"cannot hold {value}, because {change.To} is stored as {change.To.Underlying}", $"Store {change.To} as {change.From.Underlying}, or convert the type that holds it."));
    }

    private static long Least(Type type) => System.Convert.ToInt64(type.GetField("MinValue")!.GetValue(null), CultureInfo.InvariantCulture);

    private static long Most(Type type) => System.Convert.ToInt64(type.GetField("MaxValue")!.GetValue(null), CultureInfo.InvariantCulture);

    private ConversionRefusedException Gone(string name, Crossing crossing) => crossing.Refuse(new(
        change.To.ToString(), name, "is gone, but a value of it is still in use", $"Keep `{name}` in {change.To}, or convert the type that holds it."));
}
