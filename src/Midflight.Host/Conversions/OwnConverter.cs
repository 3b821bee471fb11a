namespace Midflight.Host;

/// <summary>Takes over what has a rule of its own.</summary>
/// <param name="rule">Makes the new one; null where it will be built later.</param>
internal sealed class OwnConverter(Func<object, Crossing, object?> rule) : DeepConverter
{
    protected override object? Take(object value, Crossing crossing)
    {
        crossing.Pending(value);
        var now = rule(value, crossing);

        if (now is not null)
        {
            crossing.Became(value, now);
        }

        return now;
    }
}
