namespace Midflight.Host;

/// <summary>Takes values of one type over.</summary>
/// <remarks>
/// It refers to types of both versions, so only the table may keep it: weakly, by the old type. And it may not refer to the
/// table, or the table would stay as long as the old type, and the new version with it.
/// </remarks>
internal abstract class Converter
{
    /// <summary>The value in the new version.</summary>
    /// <exception cref="ConversionRefusedException">It cannot be taken over; nothing has changed.</exception>
    public abstract object? Convert(object value, Crossing crossing);

    /// <summary>Whether converting it may meet an object more than once, so that the crossing has to keep account.</summary>
    /// <param name="table">The table that it is of.</param>
    /// <param name="met">The converters met on the way.</param>
    /// <param name="many">Whether there may be several values in the place.</param>
    public virtual bool MayMeetAgain(ConverterTable table, HashSet<Converter> met, bool many) => true;

    /// <summary>Compiles ahead what the first value would wait for, here and in all places whose types say what stands there.</summary>
    /// <param name="table">The table that it is of.</param>
    /// <param name="met">The converters met on the way.</param>
    /// <param name="depth">How many objects deep. A generic type may hold itself over another type without end.</param>
    public virtual void Compile(ConverterTable table, HashSet<Converter> met, int depth)
    {
    }
}

/// <summary>Takes a value over as it is: nothing in it can be of another version.</summary>
internal sealed class PassConverter : Converter
{
    public static readonly PassConverter Instance = new();

    public override object Convert(object value, Crossing crossing) => value;

    public override bool MayMeetAgain(ConverterTable table, HashSet<Converter> met, bool many) => false;
}

/// <summary>Decides by each value's own type.</summary>
internal sealed class AnyConverter : Converter
{
    public static readonly AnyConverter Instance = new();

    public override object Convert(object value, Crossing crossing) => crossing.Any(value);
}

/// <summary>Decides by each value's own type, which has to fit its new place.</summary>
internal sealed class FittingConverter(Type to) : Converter
{
    public override object? Convert(object value, Crossing crossing) => crossing.Table.Fitting(value.GetType(), to).Convert(value, crossing);
}

/// <summary>Decides by each value's own type, where one type is the likely one.</summary>
internal sealed class LikelyConverter(Type likely, Converter converter) : Converter
{
    public override object? Convert(object value, Crossing crossing) =>
        value.GetType() == likely ? converter.Convert(value, crossing) : crossing.Any(value);

    public override void Compile(ConverterTable table, HashSet<Converter> met, int depth) => converter.Compile(table, met, depth);
}

/// <summary>Puts one value in the place of all of a type.</summary>
internal sealed class ConstantConverter(object constant) : Converter
{
    public override object Convert(object value, Crossing crossing) => constant;

    public override bool MayMeetAgain(ConverterTable table, HashSet<Converter> met, bool many) => false;
}

/// <summary>Puts a number into a wider one.</summary>
internal sealed class WideningConverter(Type to) : Converter
{
    public override object Convert(object value, Crossing crossing) =>
        System.Convert.ChangeType(value, to, System.Globalization.CultureInfo.InvariantCulture);

    public override bool MayMeetAgain(ConverterTable table, HashSet<Converter> met, bool many) => false;
}

/// <summary>Puts a number into a narrower one, where it fits.</summary>
internal sealed class NarrowingConverter(Type to) : Converter
{
    public override object Convert(object value, Crossing crossing)
    {
        try
        {
            var narrow = System.Convert.ChangeType(value, to, System.Globalization.CultureInfo.InvariantCulture);
            var back = System.Convert.ChangeType(narrow, value.GetType(), System.Globalization.CultureInfo.InvariantCulture);

            if (back.Equals(value))
            {
                return narrow;
            }
        }
        catch (OverflowException)
        {
            // It is refused below.
        }

        throw crossing.Refuse(new(
            LoadedTypes.Say(to), null, $"cannot hold {System.Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)}, a {LoadedTypes.Say(value.GetType())}",
            $"Keep the {LoadedTypes.Say(value.GetType())}, or write a [Convert] for the type that holds it."));
    }

    public override bool MayMeetAgain(ConverterTable table, HashSet<Converter> met, bool many) => false;
}

/// <summary>Makes a lock of an object that was one. Nobody holds it, as no code is on its way through a state that changes.</summary>
internal sealed class LockConverter : Converter
{
    public static readonly LockConverter Instance = new();

    public override object Convert(object value, Crossing crossing)
    {
        if (value.GetType() == typeof(Lock))
        {
            return value;
        }

        if (value.GetType() != typeof(object))
        {
            throw crossing.Refuse(new(
                LoadedTypes.Say(value.GetType()), null, "is where a Lock is expected", "Write a [Convert] for the type that holds it."));
        }

        if (crossing.Seen(value) is { } seen)
        {
            return seen;
        }

        var now = typeof(Lock).GetConstructor([])!.Invoke(null);
        crossing.Became(value, now);
        return now;
    }
}

/// <summary>Takes nothing over.</summary>
internal sealed class RefusingConverter(Releases.ConversionRefusal refusal) : Converter
{
    public override object Convert(object value, Crossing crossing) => throw crossing.Refuse(refusal);

    public override bool MayMeetAgain(ConverterTable table, HashSet<Converter> met, bool many) => false;
}
