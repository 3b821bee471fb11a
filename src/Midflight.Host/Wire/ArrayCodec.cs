namespace Midflight.Host;

/// <summary>Arrays: numbers as they lie in memory, anything else element by element.</summary>
internal sealed class ArrayCodec(Type type) : WireCodec
{
    private readonly Type _element = type.GetElementType()!;
    private WirePlace? _place;

    private WirePlace Place => _place ??= new(_element);

    public override void Write(object value, WireWriter to)
    {
        var array = (Array)value;

        if (to.IsMasked)
        {
            array = Array.CreateInstance(_element, type.IsSZArray ? [0] : new int[array.Rank]);
        }

        if (type.IsSZArray)
        {
            to.Output.Number((ulong)array.Length);

            if (WriteRaw(array, to.Output))
            {
                return;
            }
        }
        else
        {
            for (var dimension = 0; dimension < array.Rank; dimension++)
            {
                to.Output.Number((ulong)array.GetLength(dimension));
                to.Output.Signed(array.GetLowerBound(dimension));
            }
        }

        var at = 0;

        foreach (var element in array)
        {
            to.Account.Enter(at++);
            Place.Write(element, to);
            to.Account.Leave();
        }
    }

    public override object Read(WireReader from, Absent? key)
    {
        var account = from.Account;

        if (type.IsSZArray && ReadRaw(from.Input) is { } raw)
        {
            account.Became(key!, raw);
            return raw;
        }

        var array = type.IsSZArray ? Make(from, [from.Input.Count(Place.Least)], [0]) : MakeMany(from);
        account.Begin(key!, array);

        if (type.IsSZArray)
        {
            for (var i = 0; i < array.Length; i++)
            {
                array.SetValue(Element(from, i), i);
            }
        }
        else
        {
            Fill(array, from);
        }

        account.End();
        return array;
    }

    private Array MakeMany(WireReader from)
    {
        var (lengths, bounds) = (new int[type.GetArrayRank()], new int[type.GetArrayRank()]);
        var total = 1L;

        for (var dimension = 0; dimension < lengths.Length; dimension++)
        {
            lengths[dimension] = checked((int)from.Input.Number());
            bounds[dimension] = checked((int)from.Input.Signed());
            total = checked(total * lengths[dimension]);
        }

        return total * Place.Least <= from.Input.Left ? Make(from, lengths, bounds) : throw new WireDamagedException("an array in it has more elements than there are");
    }

    // A struct that may be missing takes a byte there and all of its room here.
    private Array Make(WireReader from, int[] lengths, int[] bounds)
    {
        if (lengths.Aggregate((long)Place.Size, (size, length) => checked(size * length)) is > (1 << 20) and var bytes && bytes > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2)
        {
            throw from.Account.Refuse(new(LoadedTypes.Say(type), null, "is too large for this machine's memory", "Read it on a larger one."));
        }

        return type.IsSZArray ? Array.CreateInstance(_element, lengths[0]) : Array.CreateInstance(_element, lengths, bounds);
    }

    private object? Element(WireReader from, int index)
    {
        from.Account.Enter(index);
        var element = Place.Read(from);
        from.Account.Leave();
        return element == WireReader.Nothing ? null : element;
    }

    private void Fill(Array array, WireReader from)
    {
        var at = Enumerable.Range(0, array.Rank).Select(array.GetLowerBound).ToArray();

        for (var i = 0; i < array.Length; i++)
        {
            array.SetValue(Element(from, i), at);

            for (var dimension = array.Rank - 1; dimension >= 0 && ++at[dimension] > array.GetUpperBound(dimension); dimension--)
            {
                at[dimension] = array.GetLowerBound(dimension);
            }
        }
    }

    // By the element's type: .NET takes an array of enums or of numbers without signs for one of numbers, too.
    private bool WriteRaw(Array array, WireOutput to) =>
        _element == typeof(byte) ? to.Raw((byte[])array)
        : _element == typeof(short) ? to.Raw((short[])array)
        : _element == typeof(int) ? to.Raw((int[])array)
        : _element == typeof(long) ? to.Raw((long[])array)
        : _element == typeof(float) ? to.Raw((float[])array)
        : _element == typeof(double) && to.Raw((double[])array);

    private Array? ReadRaw(WireInput from) =>
        _element == typeof(byte) ? from.Raw<byte>(1)
        : _element == typeof(short) ? from.Raw<short>(2)
        : _element == typeof(int) ? from.Raw<int>(4)
        : _element == typeof(long) ? from.Raw<long>(8)
        : _element == typeof(float) ? from.Raw<float>(4)
        : _element == typeof(double) ? from.Raw<double>(8)
        : null;
}
