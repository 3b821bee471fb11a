namespace Midflight.Host;

/// <summary>What may stand in a place of a type: in a member, as an element.</summary>
internal sealed class WirePlace
{
    private readonly WireCodec? _exact;
    private readonly bool _isNullable;

    /// <param name="type">The type of the place.</param>
    public WirePlace(Type type)
    {
        var value = Nullable.GetUnderlyingType(type);
        _isNullable = value is not null;
        _exact = type.IsValueType ? WireCodec.Of(value ?? type) : null;
    }

    public int Least => _exact is null || _isNullable ? 1 : _exact.Least;

    public int Size => _exact is null ? 8 : _exact.Size + (_isNullable ? 8 : 0);

    public void Write(object? value, WireWriter to)
    {
        if (_exact is null)
        {
            to.Reference(value);
            return;
        }

        if (_isNullable)
        {
            var isThere = value is not null && !to.IsMasked;
            to.Output.Byte(isThere ? (byte)1 : (byte)0);

            if (!isThere)
            {
                return;
            }
        }

        _exact.Write(value!, to);
    }

    public object? Read(WireReader from) =>
        _exact is null ? from.Reference()
        : !_isNullable ? _exact.Read(from, null)
        : from.Input.Byte() switch
        {
            0 => null,
            1 => _exact.Read(from, null),
            var other => throw new WireDamagedException($"{other} is where a value should be present or absent"),
        };
}
