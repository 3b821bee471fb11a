using System.Reflection;
using System.Runtime.CompilerServices;

namespace Midflight.Host;

/// <summary>Writes values, one after another, each of their types once.</summary>
/// <remarks>Used by one thread at a time. A value that is refused leaves nothing behind but what is known of its types.</remarks>
/// <param name="to">Where they go.</param>
/// <param name="masks">What is left out. Default: nothing.</param>
internal sealed class WireWriter(Stream to, WireMasks? masks = null)
{
    private readonly Dictionary<Type, int> _types = [];
    private readonly Dictionary<Type, int> _shapes = [];

    // What the next frame of types has.
    private readonly List<WireType> _newTypes = [];
    private readonly List<WireShape> _newShapes = [];
    private readonly Queue<Type> _toDescribe = [];
    private readonly WireOutput _description = new();

    // Of the value in hand: the number of each object that was met.
    private readonly Dictionary<object, int> _met = new(ReferenceEqualityComparer.Instance);
    private bool _hasBegun;
    private int _masked;

    public WireOutput Output { get; } = new();

    public Account Account { get; private set; } = new(new Absent(typeof(object)), tracks: false);

    /// <summary>Whether what is written now belongs to a secret.</summary>
    public bool IsMasked => _masked > 0;

    /// <summary>Writes one value, with what is to be said ahead of it.</summary>
    /// <returns>How many bytes its frame has.</returns>
    /// <exception cref="ConversionRefusedException">Something in it has no wire form; nothing was written.</exception>
    public int Write(object? value, Action<WireOutput>? head = null)
    {
        Output.Clear();
        _met.Clear();
        _masked = 0;
        head?.Invoke(Output);
        Account = new(value is null or Absent ? new Absent(typeof(object)) : value, tracks: true);

        try
        {
            Reference(value);
        }
        // A collection that another thread changes meanwhile; whatever else .NET's own types throw.
        catch (Exception exception) when (exception is not (ConversionRefusedException or OutOfMemoryException))
        {
            throw Account.Refuse(new(
                LoadedTypes.Say(Absent.TypeOf(value!)), null, $"could not be read: {exception.GetType().Name}: {exception.Message.TrimEnd('.')}", "Let no other thread change what a process holds."), exception);
        }

        Begin();
        Describe();
        Frame(WireFormat.Value, Output);
        return Output.Length;
    }

    /// <summary>Writes what stands in a place that tells nothing of it.</summary>
    public void Reference(object? value)
    {
        if (value is null)
        {
            Output.Number(WireFormat.Null);
            return;
        }

        var met = value;
        var type = WireNormal.Of(ref value);
        var codec = WireCodec.Of(type);

        if (codec.IsShared)
        {
            if (_met.TryGetValue(met, out var number))
            {
                Output.Number(WireFormat.MetBefore);
                Output.Number((ulong)number);
                return;
            }

            _met.Add(met, _met.Count);
        }

        Output.Number(WireFormat.FirstType + (ulong)NumberOf(type));

        if (RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            codec.Write(value, this);
        }
        else
        {
            Account.OnFreshStack(() =>
            {
                codec.Write(value, this);
                return null;
            });
        }
    }

    /// <summary>Writes what a field holds, or that it is a secret.</summary>
    public void Member(WirePlace place, FieldInfo field, object of)
    {
        var isSecret = masks?.Hides(field) == true;
        _masked += isSecret ? 1 : 0;
        place.Write(field.GetValue(of), this);
        _masked -= isSecret ? 1 : 0;
    }

    private int NumberOf(Type type)
    {
        if (!_types.TryGetValue(type, out var number))
        {
            _newTypes.Add(WireType.Of(type, ShapeOf));
            _types.Add(type, number = _types.Count);
        }

        return number;
    }

    private int ShapeOf(Type definition)
    {
        if (!_shapes.TryGetValue(definition, out var number))
        {
            _shapes.Add(definition, number = _shapes.Count);
            _toDescribe.Enqueue(definition);
        }

        return number;
    }

    private void Describe()
    {
        while (_toDescribe.TryDequeue(out var type))
        {
            _newShapes.Add(WireShape.Of(type, ShapeOf));
        }

        if (_newShapes.Count + _newTypes.Count == 0)
        {
            return;
        }

        _description.Clear();
        _description.Number((ulong)_newShapes.Count);
        _newShapes.ForEach(shape => shape.Write(_description));
        _description.Number((ulong)_newTypes.Count);
        _newTypes.ForEach(type => type.Write(_description));
        _newShapes.Clear();
        _newTypes.Clear();
        Frame(WireFormat.Types, _description);
    }

    private void Begin()
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            to.Write([.. WireFormat.Magic, WireFormat.Version]);
        }
    }

    private void Frame(byte kind, WireOutput content)
    {
        Span<byte> head = stackalloc byte[5];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(head, content.Length);
        head[4] = kind;
        to.Write(head);
        to.Write(content.Written.Span);
    }
}
