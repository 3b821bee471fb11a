using System.Collections;

namespace Midflight.Host;

/// <summary>Takes the read-only lists that the compiler makes of collection expressions over as arrays, since the new version may have no such list.</summary>
internal sealed class ListConverter(Type element, Converter converter) : Converter
{
    public static Converter For(Type list, ConverterTable table)
    {
        var element = list.GetGenericArguments()[0];
        var array = element.MakeArrayType();
        return table.Map(array) is { } now
            ? new ListConverter(element, table.Between(array, now))
            : table.For(array);
    }

    public override object? Convert(object value, Crossing crossing)
    {
        crossing.NeedOwner();

        if (crossing.Seen(value) is { } seen)
        {
            return seen;
        }

        var list = (ICollection)value;
        var array = Array.CreateInstance(element, list.Count);
        list.CopyTo(array, 0);
        var now = converter.Convert(array, crossing);
        crossing.Became(value, now!);
        return now;
    }
}
