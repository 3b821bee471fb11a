using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Refuses a value with a null in a place within it that may not be null any more: <c>List&lt;string?&gt;</c> has become <c>List&lt;string&gt;</c>.</summary>
internal sealed class NoNullsConverter(Converter inner, ImmutableArray<ImmutableArray<int>> ways, ConversionRefusal refusal) : Converter
{
    public override object? Convert(object value, Crossing crossing)
    {
        crossing.NeedOwner();
        return ways.Any(way => HasNull(value, way.AsSpan())) ? throw crossing.Refuse(refusal) : inner.Convert(value, crossing);
    }

    public override void Compile(ConverterTable table, HashSet<Converter> met, int depth) => inner.Compile(table, met, depth);

    public override bool MayMeetAgain(ConverterTable table, HashSet<Converter> met, bool many) => inner.MayMeetAgain(table, met, many);

    // The outermost one is asked for elsewhere.
    private static bool HasNull(object? value, ReadOnlySpan<int> way)
    {
        if (way.IsEmpty || value is null)
        {
            return way.IsEmpty && value is null;
        }

        foreach (var part in Parts(value, way[0]))
        {
            if (HasNull(part, way[1..]))
            {
                return true;
            }
        }

        return false;
    }

    // Only what .NET itself enumerates: nothing of the application runs here.
    private static IEnumerable Parts(object value, int index) => value switch
    {
        Array array => array,
        ITuple tuple => index < tuple.Length ? new[] { tuple[index] } : [],
        IDictionary map when IsShared(value) => index == 0 ? map.Keys : map.Values,
        IEnumerable elements when IsShared(value) && value is not string => elements,
        _ when FieldPlan.IsTuple(value.GetType()) => new[] { value.GetType().GetProperty(index == 0 ? "Key" : "Value")!.GetValue(value) },
        _ => Array.Empty<object>(),
    };

    private static bool IsShared(object value) => SharedConverters.RowOf(value.GetType()) is not null;
}
