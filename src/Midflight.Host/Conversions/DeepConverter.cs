namespace Midflight.Host;

/// <summary>Takes over what holds other values: each object once, however often it is met, and on a stack that has room.</summary>
internal abstract class DeepConverter : Converter
{
    public sealed override object? Convert(object value, Crossing crossing)
    {
        if (value is not ValueType)
        {
            var seen = crossing.Seen(value);

            if (seen is not null)
            {
                return seen == Crossing.Later ? null : seen;
            }
        }

        if (ReadsWhatChanges(value, crossing.Table))
        {
            crossing.NeedOwner();
        }

        return crossing.HasRoom ? Take(value, crossing) : crossing.OnFreshStack(this, value);
    }

    /// <summary>Whether it reads something of a value that may change at any time, so that only the value's owner may let it. Default: yes.</summary>
    protected virtual bool ReadsWhatChanges(object value, ConverterTable table) => true;

    /// <summary>Converts one that has not been met before. It says to the crossing what an object has become.</summary>
    protected abstract object? Take(object value, Crossing crossing);
}
