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
    private readonly Way _passing = new(target, copies: false);
    private readonly Way _copying = new(target, copies: true);

    // Types whose values have led to a written conversion: they are copied from the start, where such conversions are called.
    private readonly ConditionalWeakTable<Type, object> _written = [];

    /// <summary>Takes note of what the values of a rehearsal lose. Null as long as none is under way.</summary>
    internal Losses? Losses { get; set; }

    /// <inheritdoc/>
    internal override object Receive(object value) => Convert(value, typeof(object))!;

    /// <inheritdoc/>
    internal override object? Convert(object? value, Type target, bool copies = false)
    {
        if (value is null)
        {
            return null;
        }

        return Take(value, target, Losses, copies, byOwner: true);
    }

    private object? Take(object value, Type target, Losses? losses, bool copies, bool byOwner)
    {
        if (!_written.TryGetValue(value.GetType(), out _))
        {
            try
            {
                return (copies ? _copying : _passing).Take(value, target, losses, byOwner);
            }
            catch (NeedsCallsException)
            {
                _written.AddOrUpdate(value.GetType(), value.GetType());
            }
        }

        return WrittenCalls.Run(calls => _copying.Take(value, target, losses, byOwner, calls));
    }

    /// <summary>Converts a value while its owner keeps running, and throws the result away. Nothing is read that could change meanwhile.</summary>
    /// <param name="value">The value.</param>
    /// <param name="target">What is wanted.</param>
    /// <param name="losses">Takes note of what it loses.</param>
    /// <returns>Whether that was possible. If not, what conversions of such values need is compiled, so that the owner does not have to wait for that.</returns>
    /// <exception cref="ConversionRefusedException">It cannot be converted.</exception>
    internal bool TryRehearse(object? value, Type target, Losses? losses = null)
    {
        try
        {
            _ = value is null ? null : Take(value, target, losses, copies: false, byOwner: false);
            return true;
        }
        catch (NeedsOwnerException)
        {
            (_written.TryGetValue(value!.GetType(), out _) ? _copying : _passing).Compile(value.GetType(), target);
            return false;
        }
    }

    /// <summary>Converts a value and throws the result away.</summary>
    /// <returns>Why it cannot be converted, or null.</returns>
    internal ConversionRefusedException? Rehearse(object? value, Type? target = null)
    {
        try
        {
            _ = Convert(value, target ?? typeof(object));
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
        ConversionPlan.Of(_passing.Table.RulesFrom(from), LoadedTypes.NameOf(from), LoadedTypes.NameOf(to)).Refusals;

    // The converters that pass what is closed, or those that copy it where it can change.
    private sealed class Way(CodeVersion target, bool copies)
    {
        // Deeper than states are as a rule. What lies deeper is compiled when the first value comes.
        private const int Ahead = 12;

        private readonly ConditionalWeakTable<Converter, StrongBox<bool>> _tracks = [];

        // What values of an old type were wanted as last.
        private readonly ConditionalWeakTable<Type, Wanted> _last = [];
        private ConverterTable? _table;

        // Made when the first value comes: most versions of most applications never meet one.
        public ConverterTable Table => _table ??= new(target, copies);

        public object? Take(object value, Type wanted, Losses? losses, bool byOwner, WrittenCalls? calls = null) =>
            Run(Last(value.GetType(), wanted), value, losses, byOwner, calls);

        public void Compile(Type type, Type wanted) => Last(type, wanted).Compile(Table, [], Ahead);

        private Converter Last(Type type, Type wanted)
        {
            // A state is wanted as the same type again and again.
            if (!_last.TryGetValue(type, out var last) || last.Target != wanted)
            {
                last = new(wanted, To(type, wanted));
                _last.AddOrUpdate(type, last);
            }

            return last.Converter;
        }

        // The natural way if it leads there; else what is written from this type to the other, or what widens it.
        private Converter To(Type type, Type wanted) =>
            wanted == typeof(object) || (Table.Map(type) is { } natural && wanted.IsAssignableFrom(natural))
                ? Table.For(type)
                : Table.Between(type, Nullable.GetUnderlyingType(wanted) ?? wanted);

        private object? Run(Converter converter, object value, Losses? losses, bool byOwner, WrittenCalls? calls)
        {
            if (converter is PassConverter)
            {
                return value;
            }

            // What is begun anew is counted once.
            var noted = losses is null ? null : new Losses();
            var crossing = new Crossing(Table, value, Tracks(converter), noted, calls, byOwner);

            try
            {
                var result = converter.Convert(value, crossing);
                crossing.Finish();
                losses?.Add(noted!);
                return result;
            }
            catch (Exception exception) when (exception is not (ConversionRefusedException or NeedsCallsException or NeedsOwnerException))
            {
                // A comparer of the application threw, or something did not fit where it was put.
                throw crossing.Refuse(crossing.RefusalOf(exception), exception);
            }
        }

        private bool Tracks(Converter converter) =>
            _tracks.GetValue(converter, converter => new(converter.MayMeetAgain(Table, [], many: false))).Value;
    }

    private sealed record Wanted(Type Target, Converter Converter);
}
