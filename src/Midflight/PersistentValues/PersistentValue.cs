using System.Diagnostics.CodeAnalysis;

namespace Midflight;

/// <summary>A value of the node that everybody reads and almost nobody writes: OTP's <c>persistent_term</c>.</summary>
/// <typeparam name="T">Its type; immutable, because all readers share the one value.</typeparam>
/// <remarks>
/// <para>
/// Reading takes no lock and copies nothing. Keep one in a static field. It only refers to the value, which belongs to the node, is
/// found by its key, and lives until it is erased: <c>static readonly PersistentValue&lt;Limits&gt; s_limits = new("limits");</c>
/// </para>
/// <para>The value lives across code versions: an upgrade converts it in its switch, as part of its transaction.</para>
/// </remarks>
public sealed class PersistentValue<T>
    where T : notnull
{
    private readonly string _key;

    // For the node that asked last.
    private PersistentSlot? _slot;

    /// <param name="key">The value's name on its node.</param>
    public PersistentValue(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        _key = key;
    }

    private PersistentSlot Slot => _slot is { } slot && slot.Node == Node.Current ? slot : _slot = Node.Current.Persistent.GetOrAdd(
        _key, static (key, node) => new(node, key), Node.Current);

    /// <summary>The value.</summary>
    /// <exception cref="KeyNotFoundException">No value is stored.</exception>
    public T Value => TryGet(out var value) ? value : throw new KeyNotFoundException(
        $"Nothing is stored as '{_key}'. Store it when the application starts, or use TryGet.");

    /// <summary>Reads the value, if there is one.</summary>
    public bool TryGet([MaybeNullWhen(false)] out T value)
    {
        var found = Slot.Contents;
        value = found is null ? default : Door.Read<T>(found);
        return found is not null;
    }

    /// <summary>Replaces the value. Readers see the old or the new one.</summary>
    public void Put(T value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Slot.Put(value);
    }

    /// <summary>Removes the value.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Erase() => Slot.Put(null);

    /// <inheritdoc/>
    public override string ToString() => Slot.Title;
}

/// <summary>The slot of one persistent value on one node. It stays when the value is erased.</summary>
internal sealed class PersistentSlot : HotStore<object, object>
{
    private readonly string _key;

    internal PersistentSlot(Node node, string key)
    {
        (Node, _key) = (node, key);
        node.Stores.Add(this);
    }

    internal Node Node { get; }

    internal override string Title => $"the persistent value '{_key}'";

    internal bool Put(object? value) => Write(() =>
    {
        Changed();
        var was = Held;
        Held = value;
        return was is not null;
    });

    // The value is its own only entry.
    private protected override IEqualityComparer<object> Same => ReferenceEqualityComparer.Instance;

    private protected override IEnumerable<object> Entries(object contents) => [contents];

    private protected override object Receive(object entry, Conversion incoming) => incoming.Receive(entry);

    private protected override object With(object contents, IReadOnlyCollection<(object Was, object Is)> entries) => entries.Single().Is;

    private protected override void Note(object contents, CodeVersion keys)
    {
    }
}
