using System.Runtime.CompilerServices;

namespace Midflight.Host;

/// <summary>Reads one value. Used once, by one thread.</summary>
internal sealed class WireReader(WireBinding types, WireInput input, WireReferences references)
{
    /// <summary>Stands for a resource that the reader has nothing for.</summary>
    public static readonly object Nothing = new();

    // By number: what the account knows each object by.
    private readonly List<Absent> _keys = [];
    private bool _hasRoot;

    public WireInput Input => input;

    public WireReferences References => references;

    /// <summary>Whether what is read is converted afterwards.</summary>
    public bool Converts => types.Converts;

    public Account Account { get; private set; } = new(new Absent(typeof(object)), tracks: true);

    /// <summary>Reads the value.</summary>
    /// <exception cref="WireDamagedException">It is damaged.</exception>
    /// <exception cref="ConversionRefusedException">It cannot be put together.</exception>
    public object? Read()
    {
        try
        {
            var value = Reference();
            input.End();
            Account.Finish();
            return value == Nothing ? null : value;
        }
        // Numbers out of range, keys that are null, objects that do not fit into their places, a comparer of the application that throws.
        catch (Exception exception) when (exception is not (WireDamagedException or ConversionRefusedException or OutOfMemoryException))
        {
            throw new WireDamagedException($"at {Account.Path}: {exception.Message.TrimEnd('.')}", exception);
        }
    }

    /// <summary>Reads what stands in a place that tells nothing of it.</summary>
    /// <returns>Null, too, for what is put into the member in hand at the end; <see cref="Account.Later"/> for that if it was met before; <see cref="Nothing"/>.</returns>
    public object? Reference()
    {
        var tag = input.Number();

        if (tag == WireFormat.Null)
        {
            return null;
        }

        if (tag == WireFormat.MetBefore)
        {
            return Account.Seen(_keys[input.Below(_keys.Count, "object")]) ?? throw new WireDamagedException("an object contains itself where that is impossible");
        }

        var (type, codec) = types.Type(tag - WireFormat.FirstType);
        Absent? key = null;

        // What the way to everything else begins with.
        if (!_hasRoot)
        {
            (_hasRoot, Account) = (true, new(new Absent(type), tracks: true));
        }

        if (codec.IsShared)
        {
            _keys.Add(key = new(type));
        }

        return RuntimeHelpers.TryEnsureSufficientExecutionStack() ? codec.Read(this, key) : Account.OnFreshStack(() => codec.Read(this, key));
    }
}
