using System.Runtime.CompilerServices;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Takes collections over: converts what they hold, and builds them anew with their comparer.</summary>
internal sealed class CollectionConverter(Collection old, Collection now, Converter item, Converter? value, bool isSameType) : Converter
{
    public override object? Convert(object collection, Crossing crossing)
    {
        var isStruct = collection is ValueType;

        if (!isStruct && crossing.Seen(collection) is { } seen)
        {
            return seen;
        }

        if (crossing.Tracks && !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            return crossing.OnFreshStack(this, collection);
        }

        var contents = old.Take(collection);
        var comparer = crossing.Any(contents.Comparer);
        object? started = null;

        if (now.Grows)
        {
            started = now.Start(contents.Items.Length, comparer);
            crossing.Begin(collection, started);
        }
        else if (!isStruct)
        {
            crossing.Pending(collection);
        }

        var hasChanged = !isSameType || comparer != contents.Comparer;
        var converted = new Contents(
            Convert(contents.Items, item, crossing, ref hasChanged)!,
            value is null ? null : Convert(contents.Values, value, crossing, ref hasChanged),
            comparer);
        var result = !hasChanged ? collection : started is null ? Build(converted, crossing) : Fill(started, converted, crossing);

        if (started is not null)
        {
            crossing.End();
        }

        if (!isStruct)
        {
            crossing.Became(collection, result);
        }

        return result;
    }

    public override bool MayMeetAgain(ConverterTable table, HashSet<Converter> met, bool many) =>
        many || !met.Add(this) || item.MayMeetAgain(table, met, many: true) || value?.MayMeetAgain(table, met, many: true) == true;

    private static object?[]? Convert(object?[]? items, Converter converter, Crossing crossing, ref bool hasChanged)
    {
        if (items is null || converter is PassConverter)
        {
            return items;
        }

        var converted = new object?[items.Length];

        for (var i = 0; i < items.Length; i++)
        {
            if (items[i] is { } item)
            {
                crossing.Enter(i);
                converted[i] = converter.Convert(item, crossing);
                crossing.Leave();
                hasChanged |= converted[i] != item;
            }
        }

        return converted;
    }

    private object Fill(object started, Contents contents, Crossing crossing)
    {
        // A key that is part of a cycle has no hash yet.
        if (now.Compares && contents.Items.Any(crossing.IsOpen))
        {
            crossing.Defer(() => now.Fill(started, contents));
        }
        else
        {
            now.Fill(started, contents);
        }

        return started;
    }

    private object Build(Contents contents, Crossing crossing) => now.Compares && contents.Items.Any(crossing.IsOpen)
        ? throw crossing.Refuse(new ConversionRefusal(
            LoadedTypes.Say(contents.Items.First(crossing.IsOpen)!.GetType()), null, "is a key of an immutable collection that it holds itself", "Hold it in a Dictionary or HashSet instead."))
        : now.Build(contents);
}
