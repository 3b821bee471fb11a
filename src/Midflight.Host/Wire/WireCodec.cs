using System.Runtime.CompilerServices;

namespace Midflight.Host;

/// <summary>How values of one type are written and read. The same for whoever writes and whoever reads, so that the two cannot differ.</summary>
internal abstract class WireCodec
{
    // By type, weakly: one may be of code that is to go.
    private static readonly ConditionalWeakTable<Type, WireCodec> s_codecs = [];

    /// <summary>Whether two places may hold the very same object, which has a number then.</summary>
    public virtual bool IsShared => true;

    /// <summary>How many bytes a value takes at least.</summary>
    public virtual int Least => 1;

    /// <summary>About how many bytes it takes in an array; more rather than less.</summary>
    public virtual int Size => 16;

    /// <summary>What writes and reads values of just this type: one that <see cref="WireNormal"/> gives.</summary>
    public static WireCodec Of(Type type) => s_codecs.GetValue(type, WireCodecs.Create);

    /// <summary>Writes what is in a value.</summary>
    /// <exception cref="ConversionRefusedException">Something in it cannot be written.</exception>
    public abstract void Write(object value, WireWriter to);

    /// <summary>Reads what <see cref="Write"/> has written.</summary>
    /// <param name="from">Where it is written.</param>
    /// <param name="key">By which the account knows the object; null for one that has no number.</param>
    /// <returns>Null for one that is put into the member in hand at the end.</returns>
    public abstract object? Read(WireReader from, Absent? key);
}

/// <summary>A type whose values are written by what they say.</summary>
internal sealed class LeafCodec(WireLeaf leaf) : WireCodec
{
    public override bool IsShared => leaf.IsShared;

    public override void Write(object value, WireWriter to) =>
        leaf.Write(to.Output, to.IsMasked ? leaf.Masked ?? RuntimeHelpers.GetUninitializedObject(leaf.Type) : value);

    public override object Read(WireReader from, Absent? key)
    {
        var value = leaf.Read(from.Input);

        if (key is not null)
        {
            from.Account.Became(key, value);
        }

        return value;
    }
}

/// <summary>An enum, by its number: what its names are is in its shape.</summary>
internal sealed class EnumCodec(Type type) : WireCodec
{
    private readonly WireLeaf _number = WireLeaf.Find(Enum.GetUnderlyingType(type))!;

    public override bool IsShared => false;

    public override void Write(object value, WireWriter to) =>
        _number.Write(to.Output, to.IsMasked ? RuntimeHelpers.GetUninitializedObject(_number.Type) : Convert.ChangeType(value, _number.Type, System.Globalization.CultureInfo.InvariantCulture));

    public override object Read(WireReader from, Absent? key) => Enum.ToObject(type, _number.Read(from.Input));
}

/// <summary>A resource at work, a process, a table: it stays where it is, and a reader may have what it stands for.</summary>
internal sealed class TokenCodec(Type type) : WireCodec
{
    public override bool IsShared => !type.IsValueType;

    public override void Write(object value, WireWriter to)
    {
        // Of it nothing would be left but silence.
        if (Live.CallsBack(type) && Live.Callbacks(value).Any(callback => callback is not null && Look.For(callback, IsCode) is not null))
        {
            throw to.Account.Refuse(new(
                LoadedTypes.Say(type), null, "calls into the application, and cannot be written",
                type == typeof(Timer) || type == typeof(System.Timers.Timer) ? "Let the process send itself a message with Process.SendAfter instead." : "Create it again where it is needed."));
        }

        var (number, name) = WireReferences.Token(value);
        to.Output.Signed(number);
        to.Output.Text(name);
    }

    private static bool IsCode(object met) => met is Delegate call ? CodeVersion.Of(call) is not null : LoadedTypes.MentionsHot(met.GetType());

    public override object? Read(WireReader from, Absent? key)
    {
        var value = from.References.Find(type, from.Input.Signed(), from.Input.Text());

        if (value is not null && !type.IsInstanceOfType(value))
        {
            value = null;
        }

        if (key is not null)
        {
            from.Account.Became(key, value ?? WireReader.Nothing);
        }

        return value ?? (type.IsValueType ? RuntimeHelpers.GetUninitializedObject(type) : null);
    }
}

/// <summary>An object of which a program has one, by its name.</summary>
internal sealed class OneOfCodec(params (string Name, object Value)[] all) : WireCodec
{
    public override bool IsShared => false;

    public override void Write(object value, WireWriter to) => to.Output.Text(Array.Find(all, one => one.Value.Equals(value)).Name ?? throw to.Account.Refuse(new(
        LoadedTypes.Say(value.GetType()), null, "compares by the rules of a culture, and cannot be written", "Use StringComparer.Ordinal or StringComparer.InvariantCulture.")));

    public override object Read(WireReader from, Absent? key) => from.Input.Text() is var name && Array.Find(all, one => one.Name == name) is { Value: { } value }
        ? value
        : throw new WireDamagedException($"'{name}' is none of {string.Join(", ", all.Select(one => one.Name))}");
}

/// <summary>A type of which no value can be written.</summary>
internal sealed class RefusingCodec(Releases.ConversionRefusal refusal) : WireCodec
{
    public override void Write(object value, WireWriter to) => throw to.Account.Refuse(refusal);

    public override object? Read(WireReader from, Absent? key) => throw from.Account.Refuse(refusal);
}
