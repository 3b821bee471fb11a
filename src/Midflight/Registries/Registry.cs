namespace Midflight;

/// <summary>How many processes a key of a registry can have.</summary>
public enum RegistryKeys
{
    /// <summary>One: a name for a process. Only such a registry works with <see cref="Via"/>.</summary>
    Unique,

    /// <summary>Any number: a topic and its listeners.</summary>
    Duplicate,
}

/// <summary>Finds processes by keys of any type, with a value beside each. Elixir's <c>Registry</c>.</summary>
/// <remarks>
/// <para>
/// A registry belongs to a process, so put it in a supervisor before its users: <c>Registry.Child("rooms")</c>. It runs no code
/// of others, so it does not crash. When it ends, its entries are gone, and the registered processes live on.
/// </para>
/// <para>
/// A process registers itself. Its entries are removed when it ends, before its links and monitors hear of that. Lookups take no lock. Keys and values live across code versions: an upgrade converts them, as part of its transaction.
/// </para>
/// </remarks>
public sealed partial class Registry : GenServer<object>
{
    /// <summary>Starts a registry, linked to the calling process.</summary>
    /// <param name="name">Its name, unique on its node.</param>
    /// <param name="keys">Default: unique.</param>
    /// <param name="listeners">Names of processes that get a <see cref="RegistryChange"/> whenever an entry is added or removed. Default: none.</param>
    /// <exception cref="StartFailedException">There is already one with that name.</exception>
    public static ValueTask<Pid> StartLink(string name, RegistryKeys keys = RegistryKeys.Unique, IReadOnlyList<string>? listeners = null) =>
        StartLink<Registry>(new RegistrySpec(name, keys, listeners ?? []));

    /// <summary>A registry as a child of a supervisor. Its id is its name.</summary>
    /// <param name="name">Its name, unique on its node.</param>
    /// <param name="keys">Default: unique.</param>
    /// <param name="listeners">Names of processes that get a <see cref="RegistryChange"/> whenever an entry is added or removed. Default: none.</param>
    public static ChildSpec Child(string name, RegistryKeys keys = RegistryKeys.Unique, IReadOnlyList<string>? listeners = null) =>
        Midflight.Child.Of<Registry>(new RegistrySpec(name, keys, listeners ?? [])) with { Id = name };

    /// <summary>Registers the calling process under a key, until it ends.</summary>
    /// <param name="registry">The registry's name.</param>
    /// <param name="key">Must not change; compared with Equals.</param>
    /// <param name="value">Returned with the process. Default: none.</param>
    /// <returns>False if the key already belongs to another process or to this one; <see cref="WhereIs"/> says to which. Only for unique keys.</returns>
    public static bool Register(string registry, object key, object? value = null) => RegistryStore.Of(registry).TryAdd(key, Process.Here, value);

    /// <summary>Removes the calling process's entries under a key. It is not an error if there are none.</summary>
    public static void Unregister(string registry, object key)
    {
        var (store, self) = (RegistryStore.Of(registry), Process.Here);

        foreach (var entry in store.Find(key).Where(entry => entry.Token.Process == self).ToList())
        {
            store.Remove(entry.Token);
            self.Bonds.Owned.Remove(entry.Token);
        }
    }

    /// <summary>The entries under a key, in no particular order.</summary>
    public static IReadOnlyList<RegistryEntry> Lookup(string registry, object key) => RegistryStore.Of(registry).Find(key);

    /// <summary>The process under a key; null if there is none. With duplicate keys, any one of them.</summary>
    public static Pid? WhereIs(string registry, object key) => RegistryStore.Of(registry).Find(key) is [var entry, ..] ? entry.Pid : null;

    /// <summary>Calls a function for each entry under a key: <c>Dispatch("topics", "news", entry => Process.Send(entry.Pid, news))</c>.</summary>
    /// <returns>The number of entries.</returns>
    public static int Dispatch(string registry, object key, Action<RegistryEntry> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        var entries = RegistryStore.Of(registry).Find(key);

        foreach (var entry in entries)
        {
            action(entry);
        }

        return entries.Count;
    }

    /// <summary>Changes the value that the calling process has under a key.</summary>
    /// <param name="registry">The registry's name.</param>
    /// <param name="key">The key.</param>
    /// <param name="change">Gets the existing value. Must be short, and must not use the registry.</param>
    /// <returns>Whether it is registered under that key.</returns>
    /// <exception cref="InvalidOperationException">The registry's keys are not unique.</exception>
    public static bool UpdateValue(string registry, object key, Func<object?, object?> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return RegistryStore.Of(registry).Change(key, Process.Self, change);
    }

    /// <summary>The keys of a process. Searches all entries.</summary>
    public static IReadOnlyList<object> Keys(string registry, Pid process) =>
        [.. RegistryStore.Of(registry).All.Where(entry => entry.Pid == process).Select(entry => entry.Key)];

    /// <summary>All entries, each as it is at some moment: match and select with LINQ.</summary>
    public static IEnumerable<RegistryEntry> All(string registry) => RegistryStore.Of(registry).All;

    /// <summary>The number of entries.</summary>
    public static int Count(string registry) => RegistryStore.Of(registry).Count;

    /// <inheritdoc/>
    protected override Started<object> Init(object? argument)
    {
        var (name, keys, listeners) = (RegistrySpec)argument!;
        return Process.Own(new RegistryStore(Process.Here.Node, name, keys, listeners));
    }

    /// <inheritdoc/>
    protected override Answer<object> HandleCall(object request, object state)
    {
        From.Call!.Fail(new NotSupportedException($"A registry does not accept calls, such as {Excerpt.Of(request, longest: 200)}. Use the functions of Registry."));
        return NoReply(state);
    }

    /// <inheritdoc/>
    protected override Answer<object> HandleCast(object message, object state) => HandleInfo(message, state);

    internal sealed record RegistrySpec(string Name, RegistryKeys Keys, IReadOnlyList<string> Listeners);

    /// <inheritdoc/>
    protected override object? FormatStatus(object state) => $"{((RegistryStore)state).Title}, {((RegistryStore)state).Count} entries";
}
