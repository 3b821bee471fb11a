namespace Midflight.Host;

/// <summary>Collections: what they compare with, and what they hold, taken apart and put together as conversion does.</summary>
internal sealed class CollectionCodec(Type type, Collection form, Type[] parts) : WireCodec
{
    private WirePlace? _item;
    private WirePlace? _value;

    public override bool IsShared => !type.IsValueType;

    public override int Size => 8;

    private WirePlace Item => _item ??= new(parts[0]);

    private WirePlace? Value => parts.Length > 1 ? _value ??= new(parts[1]) : null;

    public override void Write(object value, WireWriter to)
    {
        var contents = form.Take(value);

        if (contents.Items is null)
        {
            to.Output.Number(0);
            return;
        }

        var count = to.IsMasked ? 0 : contents.Items.Length;
        to.Output.Number((ulong)count + 1);

        if (form.Compares)
        {
            to.Reference(form.Comparer(value));
            to.Reference(form.ValueComparer(value));
        }

        for (var i = 0; i < count; i++)
        {
            to.Account.Enter(i);
            Item.Write(contents.Items[i], to);
            to.Account.Leave();
        }

        for (var i = 0; Value is not null && i < count; i++)
        {
            to.Account.EnterKey(contents.Items[i]);
            Value.Write(contents.Values![i], to);
            to.Account.Leave();
        }
    }

    public override object? Read(WireReader from, Absent? key)
    {
        var head = from.Input.Number();

        if (head == 0)
        {
            return key is null ? form.Build(new((object?[]?)null)) : throw new WireDamagedException("a collection that is an object is missing");
        }

        var least = Item.Least + (Value?.Least ?? 0);
        var count = head - 1 <= (ulong)(from.Input.Left / least) ? (int)(head - 1) : throw new WireDamagedException("a collection has a count that is too high");
        var account = from.Account;
        var comparer = form.Compares ? Comparer(from.Reference(), form.IsUnique ? parts[0] : parts[1], from) : null;
        var valueComparer = form.Compares && from.Reference() is { } forValues ? Comparer(forValues, parts[1], from) : null;
        var started = form.Grows ? form.Start(count, comparer) : null;

        if (started is not null)
        {
            account.Begin(key!, started);
        }
        else if (key is not null)
        {
            account.Pending(key);
        }

        var items = new object?[count];

        for (var i = 0; i < count; i++)
        {
            account.Enter(i);
            items[i] = Whole(Item.Read(from));
            account.Leave();
        }

        var values = Value is null ? null : new object?[count];

        for (var i = 0; values is not null && i < count; i++)
        {
            account.EnterKey(items[i]);
            values[i] = Whole(Value!.Read(from));
            account.Leave();
        }

        if (started is not null)
        {
            account.End();
        }

        return Finish(account, key, started, new Contents(items, values) { Comparer = comparer, ValueComparer = valueComparer });
    }

    // Of another version only what a comparer held is known, and nothing of how keys compare that are an application's.
    private object? Comparer(object? read, Type compared, WireReader from) => from.Converts && !((read is null || !LoadedTypes.MentionsHot(read.GetType())) && Closed.IsPlace(compared))
        ? Activator.CreateInstance(typeof(WireComparer<>).MakeGenericType(compared), read, !form.IsUnique)
        : read;

    // What is hashed or compared has to be whole.
    private object? Finish(Account account, Absent? key, object? started, Contents contents)
    {
        var standIn = contents.Comparer as IWireComparer;
        standIn?.Learn(contents.Items!);
        var mustWait = form.Compares && standIn is null && account.MustWait(contents.Items!, contents.Comparer);

        if (started is not null)
        {
            if (mustWait)
            {
                account.FillLater(started, () => Fill(started, contents));
            }
            else
            {
                Fill(started, contents);
            }

            return started;
        }

        if (mustWait && key is not null)
        {
            account.BuildLater(key, () => Build(contents));
            return null;
        }

        var built = Build(contents);

        if (key is not null)
        {
            account.Became(key, built);
        }

        return built;
    }

    private void Fill(object started, Contents contents)
    {
        for (var i = 0; i < contents.Items!.Length; i++)
        {
            if (!form.Add(started, contents.Items[i], contents.Values?[i]))
            {
                throw Twice();
            }
        }
    }

    private object Build(Contents contents) =>
        form.Build(contents) is var built && form.IsUnique && form.Count(built) < contents.Items!.Length ? throw Twice() : built;

    private WireDamagedException Twice() => new($"a {LoadedTypes.Say(type)} in it has a key or an element twice");

    private static object? Whole(object? element) => element == WireReader.Nothing ? null : element;
}
