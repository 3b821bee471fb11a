using System.Reflection;
using System.Runtime.CompilerServices;

namespace Midflight.Host;

/// <summary>Takes over field by field what is nothing but its fields: a box, a view of another collection, a comparer made of a function.</summary>
/// <remarks>Where none of them has changed the object itself passes.</remarks>
internal sealed class FieldsConverter(Type from, Type to) : DeepConverter
{
    private (FieldInfo From, FieldInfo To, Converter Converter)[]? _fields;

    protected override object Take(object value, Crossing crossing)
    {
        var now = RuntimeHelpers.GetUninitializedObject(to);
        var hasChanged = from != to || crossing.Table.Copies;

        if (value is not ValueType)
        {
            crossing.Begin(value, now);
        }

        foreach (var (field, into, converter) in _fields ??= Fields(crossing.Table))
        {
            var old = field.GetValue(value);

            if (old is null)
            {
                continue;
            }

            if (to.IsValueType)
            {
                crossing.Enter(Wording.Member(into));
            }
            else
            {
                crossing.Enter(Wording.Member(into), now, into);
            }

            var part = converter.Convert(old, crossing);
            crossing.Leave();
            hasChanged |= part != old && (old is not ValueType || converter is not PassConverter);
            into.SetValue(now, part);
        }

        if (value is ValueType)
        {
            return now;
        }

        crossing.End();

        if (hasChanged)
        {
            return now;
        }

        crossing.Became(value, value);
        return value;
    }

    // A boxed struct is a copy already.
    protected override bool ReadsWhatChanges(object value, ConverterTable table) => value is not ValueType;

    private (FieldInfo From, FieldInfo To, Converter Converter)[] Fields(ConverterTable table) =>
        [.. Closed.Fields(from).Zip(Closed.Fields(to)).Where(pair => !IsCache(pair.First)).Select(pair => (pair.First, pair.Second, table.Place(pair.First.FieldType, pair.Second.FieldType)))];

    /// <summary>Whether a field holds a view that a view makes of itself when it is first asked for it.</summary>
    public static bool IsCache(FieldInfo field) => field.Name is "_keys" or "_values" or "_syncRoot";
}
