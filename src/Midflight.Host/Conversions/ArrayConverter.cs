namespace Midflight.Host;

/// <summary>Takes arrays over element by element.</summary>
internal sealed class ArrayConverter(Type from, Type to, ConverterTable table) : DeepConverter
{
    private readonly Type _element = to.GetElementType()!;
    private readonly Converter _converter = table.Place(from.GetElementType()!, to.GetElementType()!);

    protected override object? Take(object value, Crossing crossing)
    {
        var old = (Array)value;

        if (from == to && _converter is PassConverter)
        {
            var copy = crossing.Table.Copies ? old.Clone() : old;
            crossing.Became(value, copy);
            return copy;
        }

        var dimensions = Enumerable.Range(0, old.Rank).ToArray();
        var now = to.IsSZArray
            ? Array.CreateInstance(_element, old.Length)
            : Array.CreateInstance(_element, [.. dimensions.Select(old.GetLength)], [.. dimensions.Select(old.GetLowerBound)]);
        crossing.Begin(value, now);
        var hasChanged = from != to || crossing.Table.Copies;

        if (old is object?[] objects && now is object?[] converted)
        {
            for (var i = 0; i < objects.Length; i++)
            {
                converted[i] = Element(objects[i], i, crossing, ref hasChanged);
            }
        }
        else
        {
            Fill(old, now, crossing, ref hasChanged);
        }

        crossing.End();

        if (!hasChanged)
        {
            crossing.Became(value, value);
            return value;
        }

        return now;
    }

    public override void Compile(ConverterTable table, HashSet<Converter> met, int depth)
    {
        if (depth > 0 && met.Add(this))
        {
            _converter.Compile(table, met, depth - 1);
        }
    }

    public override bool MayMeetAgain(ConverterTable table, HashSet<Converter> met, bool many) => many || !met.Add(this) || _converter.MayMeetAgain(table, met, many: true);

    private object? Element(object? old, int index, Crossing crossing, ref bool hasChanged)
    {
        if (old is null)
        {
            return MayBeNull ? null : throw Empty(index, crossing);
        }

        crossing.Enter(index);
        var now = _converter.Convert(old, crossing);
        crossing.Leave();
        hasChanged |= now != old;
        return now;
    }

    private bool MayBeNull => !_element.IsValueType || Nullable.GetUnderlyingType(_element) is not null;

    private ConversionRefusedException Empty(int index, Crossing crossing)
    {
        crossing.Enter(index);
        return crossing.Refuse(new(
            LoadedTypes.Say(to), null, $"contains null, which {LoadedTypes.Say(_element)} cannot be", $"Let the elements be {LoadedTypes.Say(_element)}?, or convert the type that holds them."));
    }

    // Structs and several dimensions: slower, by index.
    private void Fill(Array old, Array now, Crossing crossing, ref bool hasChanged)
    {
        var at = Enumerable.Range(0, old.Rank).Select(old.GetLowerBound).ToArray();

        for (var i = 0; i < old.Length; i++)
        {
            now.SetValue(Element(old.GetValue(at), i, crossing, ref hasChanged), at);

            for (var dimension = old.Rank - 1; dimension >= 0 && ++at[dimension] > old.GetUpperBound(dimension); dimension--)
            {
                at[dimension] = old.GetLowerBound(dimension);
            }
        }
    }
}
