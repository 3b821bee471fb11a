using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Brings values into one code version: by shape, or by the conversions written in the code.</summary>
/// <remarks>
/// It belongs to the version that it brings values into. Of the versions that they come from it keeps nothing alive.
/// The old value is never changed, so that an upgrade can be given up at any time.
/// </remarks>
internal sealed class CodeConversion(CodeVersion target) : Conversion
{
    private ConverterTable? _table;
    private readonly ConditionalWeakTable<Converter, StrongBox<bool>> _tracks = [];

    // What values of an old type were wanted as last.
    private readonly ConditionalWeakTable<Type, Wanted> _last = [];

    // Made when the first value comes: most versions of most applications never meet one.
    private ConverterTable Table => _table ??= new(target);

    /// <inheritdoc/>
    internal override object Receive(object value) => Run(Table.For(value.GetType()), value)!;

    /// <inheritdoc/>
    internal override object? Convert(object? value, Type target)
    {
        if (value is null)
        {
            return null;
        }

        var type = value.GetType();

        // A state is wanted as the same type again and again.
        if (!_last.TryGetValue(type, out var last) || last.Target != target)
        {
            last = new(target, Way(type, target));
            _last.AddOrUpdate(type, last);
        }

        return Run(last.Converter, value);
    }

    // The natural way if it leads there; else what is written from this type to the other, or what widens it.
    private Converter Way(Type type, Type target) =>
        target == typeof(object) || (Table.Map(type) is { } natural && target.IsAssignableFrom(natural))
            ? Table.For(type)
            : Table.Between(type, Nullable.GetUnderlyingType(target) ?? target);

    /// <summary>Converts a value and throws the result away.</summary>
    /// <returns>Why it cannot be converted, or null.</returns>
    internal ConversionRefusedException? Rehearse(object? value, Type? target = null)
    {
        try
        {
            _ = value is null ? null : target is null ? Receive(value) : Convert(value, target);
            return null;
        }
        catch (ConversionRefusedException refused)
        {
            return refused;
        }
    }

    /// <inheritdoc/>
    internal override IReadOnlyList<string> Check(Type from, Type to) => [.. Refusals(from, to).Select(refusal => refusal.ToString())];

    /// <summary>What stands against converting values of one type into another, as far as the types tell.</summary>
    internal ImmutableArray<ConversionRefusal> Refusals(Type from, Type to) =>
        ConversionPlan.Of(Table.RulesFrom(from), LoadedTypes.NameOf(from), LoadedTypes.NameOf(to)).Refusals;

    private object? Run(Converter converter, object value)
    {
        if (converter is PassConverter)
        {
            return value;
        }

        var crossing = new Crossing(Table, value, Tracks(converter));

        try
        {
            var result = converter.Convert(value, crossing);
            crossing.Finish();
            return result;
        }
        catch (ConversionRefusedException)
        {
            throw;
        }
        catch (Exception exception)
        {
            // A constructor or comparer of the application threw, or something did not fit where it was put.
            throw crossing.Refuse(crossing.RefusalOf(exception), exception);
        }
    }

    private bool Tracks(Converter converter) =>
        _tracks.GetValue(converter, converter => new(converter.MayMeetAgain(Table, [], many: false))).Value;

    private sealed record Wanted(Type Target, Converter Converter);
}
