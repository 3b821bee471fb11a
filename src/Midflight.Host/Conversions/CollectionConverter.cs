using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Takes collections over: converts what they hold, and builds them anew with their comparer.</summary>
/// <param name="old">How the old one is taken apart.</param>
/// <param name="now">How the new one is built.</param>
/// <param name="item">How an element or key passes.</param>
/// <param name="value">How a value passes; null where there are none.</param>
/// <param name="isSame">Whether a collection in which nothing has changed is one of the new kind.</param>
/// <param name="isImmutable">Whether it never changes, so that it needs no copy where its elements need none.</param>
/// <param name="beginsToChange">Whether the old kind never changes and the new one may: who shared the old one did so without noticing, and each gets one of its own.</param>
internal sealed class CollectionConverter(Collection old, Collection now, Converter item, Converter? value, bool isSame, bool isImmutable, bool beginsToChange) : DeepConverter
{
    private readonly bool _passesParts = item is PassConverter && value is null or PassConverter;

    protected override object? Take(object collection, Crossing crossing)
    {
        var isObject = collection is not ValueType;
        var comparer = old.Comparer(collection);
        var known = crossing.Part("Comparer", comparer);
        var valueComparer = old.ValueComparer(collection);
        var knownForValues = crossing.Part("ValueComparer", valueComparer);
        var hasChanged = !isSame || known != comparer || knownForValues != valueComparer || (crossing.Table.Copies && !isImmutable);

        // Ten million entries that cannot hold anything of hot code cost no more than two.
        if (_passesParts && !hasChanged)
        {
            return collection;
        }

        if (!now.Compares && known is not null)
        {
            throw crossing.Refuse(new(LoadedTypes.Say(collection.GetType()), null, "has a comparer, but becomes something that has none", "Keep the kind of collection, or write a [Convert] for the type that holds it."));
        }

        return isObject ? TakeObject(collection, known, knownForValues, hasChanged, crossing) : TakeStruct(collection, hasChanged, crossing);
    }

    // A comparer never changes, and may be all that is read.
    protected override bool ReadsWhatChanges(object value, ConverterTable table) => !(isImmutable || (_passesParts && isSame && !table.Copies));

    public override void Compile(ConverterTable table, HashSet<Converter> met, int depth)
    {
        if (depth > 0 && met.Add(this))
        {
            item.Compile(table, met, depth - 1);
            value?.Compile(table, met, depth - 1);
        }
    }

    public override bool MayMeetAgain(ConverterTable table, HashSet<Converter> met, bool many) =>
        many || !met.Add(this) || old.Compares || item.MayMeetAgain(table, met, many: true) || value?.MayMeetAgain(table, met, many: true) == true;

    private object TakeStruct(object collection, bool hasChanged, Crossing crossing)
    {
        var converted = Convert(old.Take(collection), crossing, ref hasChanged);
        return hasChanged ? now.Build(converted) : collection;
    }

    private object? TakeObject(object collection, object? comparer, object? valueComparer, bool hasChanged, Crossing crossing)
    {
        var taken = TakeShared(collection, comparer, valueComparer, hasChanged, crossing);

        // An array of nothing is one and the same everywhere, as `[]` is written.
        if (taken is not null && (beginsToChange || (!isSame && collection is Array { Length: 0 })))
        {
            crossing.Forget(collection);
        }

        return taken;
    }

    private object? TakeShared(object collection, object? comparer, object? valueComparer, bool hasChanged, Crossing crossing)
    {
        var contents = old.Take(collection);
        object? started = null;

        if (now.Grows)
        {
            started = now.Start(contents.Items!.Length, comparer);
            crossing.Begin(collection, started);
        }
        else
        {
            crossing.Pending(collection);
        }

        var converted = Convert(contents, crossing, ref hasChanged) with { Comparer = comparer, ValueComparer = valueComparer };

        if (started is not null)
        {
            crossing.End();
        }

        if (!hasChanged)
        {
            crossing.Became(collection, collection);
            return collection;
        }

        var mustWait = now.Compares && !(item is PassConverter && comparer is null) && crossing.MustWait(converted.Items!, comparer);

        if (started is not null)
        {
            if (mustWait)
            {
                crossing.FillLater(started, () => Fill(collection, started, contents, converted, crossing));
            }
            else
            {
                Fill(collection, started, contents, converted, crossing);
            }

            return started;
        }

        if (mustWait)
        {
            crossing.BuildLater(collection, () => Build(contents, converted, crossing));
            return null;
        }

        var built = Build(contents, converted, crossing);
        crossing.Became(collection, built);
        return built;
    }

    private Contents Convert(Contents contents, Crossing crossing, ref bool hasChanged) => contents.Items is null ? contents : contents with
    {
        Items = Convert(contents.Items, contents, item, crossing, ref hasChanged),
        Values = contents.Values is null ? null : Convert(contents.Values, contents, value!, crossing, ref hasChanged),
    };

    private static object?[] Convert(object?[] items, Contents contents, Converter converter, Crossing crossing, ref bool hasChanged)
    {
        if (converter is PassConverter)
        {
            return items;
        }

        var converted = new object?[items.Length];

        for (var i = 0; i < items.Length; i++)
        {
            if (items[i] is not { } item)
            {
                continue;
            }

            if (contents.Values is null)
            {
                crossing.Enter(i);
            }
            else
            {
                crossing.EnterKey(contents.Items![i]);
            }

            converted[i] = converter.Convert(item, crossing);
            crossing.Leave();
            hasChanged |= converted[i] != item;
        }

        return converted;
    }

    private void Fill(object collection, object started, Contents was, Contents contents, Crossing crossing)
    {
        var items = contents.Items!;

        for (var i = 0; i < items.Length; i++)
        {
            if (!now.Add(started, items[i], contents.Values?[i]))
            {
                throw One(was, items, i, crossing);
            }
        }

        foreach (var (node, newNode) in old.Nodes(collection).Zip(now.Nodes(started)))
        {
            crossing.Became(node, newNode);
        }
    }

    private object Build(Contents was, Contents contents, Crossing crossing)
    {
        object built;

        try
        {
            built = now.Build(contents);
        }
        catch (ArgumentException) when (now.IsUnique)
        {
            throw One(was, contents.Items!, 0, crossing);
        }

        return now.IsUnique && now.Count(built) < contents.Items!.Length ? throw One(was, contents.Items!, 0, crossing) : built;
    }

    // An entry would be lost; which of two is not ours to say.
    private static ConversionRefusedException One(Contents was, object?[] items, int at, Crossing crossing)
    {
        crossing.EnterKey(was.Items![at]);
        var refusal = crossing.Refuse(new ConversionRefusal(
            LoadedTypes.Say(items[at]?.GetType() ?? typeof(object)), null, "equals another one in the new version, so two entries would become one",
            "Keep what distinguishes them, remove one of them first, or write a [Convert] for the type that holds them."));
        crossing.Leave();
        return refusal;
    }
}
