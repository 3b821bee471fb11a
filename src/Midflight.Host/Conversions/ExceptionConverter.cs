using System.Reflection;
using System.Runtime.CompilerServices;

namespace Midflight.Host;

/// <summary>Takes over exceptions of types that are not hot, with what is in them: inner ones, data, members of their own.</summary>
/// <remarks>One in which nothing has changed passes itself, with its stack trace.</remarks>
internal sealed class ExceptionConverter(Type from, Type to) : DeepConverter
{
    private (FieldInfo From, FieldInfo To, Converter Converter)[]? _fields;

    protected override object Take(object value, Crossing crossing)
    {
        // A copy that is thrown away costs less than to look whether one is needed, and then to do it.
        var old = (Exception)value;
        var now = (Exception)RuntimeHelpers.GetUninitializedObject(to);
        crossing.Begin(old, now);
        ExceptionParts.CopyText(old, now);
        var inner = ExceptionParts.InnerOf(old, crossing);
        var data = ExceptionParts.DataOf(old, crossing);
        ExceptionParts.Put(now, inner, data);
        var hasChanged = from != to || crossing.Table.Copies || !ReferenceEquals(inner, old.InnerException) || HasChanged(old, data);

        foreach (var (field, into, converter) in _fields ??= Fields(crossing.Table))
        {
            if (field.GetValue(old) is { } part)
            {
                crossing.Enter(Wording.Member(into), now, into);
                var converted = converter.Convert(part, crossing);
                crossing.Leave();
                hasChanged |= converted != part && converter is not PassConverter;
                into.SetValue(now, converted);
            }
        }

        crossing.End();

        if (hasChanged)
        {
            return now;
        }

        crossing.Became(old, old);
        return old;
    }

    private static bool HasChanged(Exception old, System.Collections.IDictionary? now) =>
        now is not null && now.Cast<System.Collections.DictionaryEntry>().Zip(ExceptionParts.DataOf(old)!.Cast<System.Collections.DictionaryEntry>())
            .Any(pair => !ReferenceEquals(pair.First.Key, pair.Second.Key) || !ReferenceEquals(pair.First.Value, pair.Second.Value));

    private (FieldInfo From, FieldInfo To, Converter Converter)[] Fields(ConverterTable table) =>
        [.. ObjectParts.BelowException(from).Zip(ObjectParts.BelowException(to), (old, now) => (old, now, table.Place(old.FieldType, now.FieldType)))];
}
