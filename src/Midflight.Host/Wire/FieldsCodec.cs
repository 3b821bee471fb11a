using System.Reflection;
using System.Runtime.CompilerServices;

namespace Midflight.Host;

/// <summary>A type that is its fields: those of its ancestors first, each in the order in which it is declared.</summary>
internal sealed class FieldsCodec(Type type) : WireCodec
{
    private readonly Type? _base = LoadedTypes.IsHot(type) ? BaseState.Of(type) : null;
    private (FieldInfo Field, string Name, WirePlace Place)[]? _fields;

    public override bool IsShared => !type.IsValueType;

    public override int Least => Math.Max(1, type.IsValueType ? All.Sum(one => one.Place.Least) : 1);

    public override int Size => Math.Max(1, type.IsValueType ? All.Sum(one => one.Place.Size) : 8);

    // Made when they are first asked for, as a type may hold itself.
    private (FieldInfo Field, string Name, WirePlace Place)[] All => _fields ??= Find();

    public override void Write(object value, WireWriter to)
    {
        if (_base is not null)
        {
            WireCodec.Of(_base).Write(BaseState.Plain(_base, value), to);
        }

        var fields = All;

        foreach (var (field, name, place) in fields)
        {
            to.Account.Enter(name);
            to.Member(place, field, value);
            to.Account.Leave();
        }

        if (fields.Length == 0 && _base is null)
        {
            to.Output.Byte(0);
        }
    }

    public override object Read(WireReader from, Absent? key)
    {
        var now = RuntimeHelpers.GetUninitializedObject(type);

        if (key is not null)
        {
            from.Account.Begin(key, now);
        }

        if (_base is not null)
        {
            BaseState.Put(_base, WireCodec.Of(_base).Read(from, new Absent(_base))!, now, from.Account);
        }

        var fields = All;

        foreach (var (field, name, place) in fields)
        {
            if (key is null)
            {
                from.Account.Enter(name);
            }
            else
            {
                from.Account.Enter(name, now, field);
            }

            var part = place.Read(from);
            from.Account.Leave();

            // What is put in at the end, or what nobody has.
            if (part is not null && part != Account.Later && part != WireReader.Nothing)
            {
                field.SetValue(now, part);
            }
        }

        if (fields.Length == 0 && _base is null)
        {
            _ = from.Input.Byte();
        }

        if (key is not null)
        {
            from.Account.End();
        }

        return now;
    }

    private (FieldInfo Field, string Name, WirePlace Place)[] Find() =>
    [
        .. Closed.Fields(type).GroupBy(one => one.DeclaringType!).Reverse().SelectMany(own => own)
            .Where(one => !FieldsConverter.IsCache(one) && !(_base is not null && one.DeclaringType!.IsAssignableFrom(_base)))
            .Select(one => (one, Wording.Member(one), new WirePlace(one.FieldType))),
    ];
}
