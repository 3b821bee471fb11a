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

/// <summary>Decides by each value's own type, where one type is the likely one.</summary>
internal sealed class LikelyConverter(Type likely, Converter converter) : Converter
{
    public override object? Convert(object value, Crossing crossing) =>
        value.GetType() == likely ? converter.Convert(value, crossing) : crossing.Any(value);
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

/// <summary>Takes nothing over.</summary>
internal sealed class RefusingConverter(Releases.ConversionRefusal refusal) : Converter
{
    public override object Convert(object value, Crossing crossing) => throw crossing.Refuse(refusal);

    public override bool MayMeetAgain(ConverterTable table, HashSet<Converter> met, bool many) => false;
}
