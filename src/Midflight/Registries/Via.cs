namespace Midflight;

/// <summary>Names a process by its key in a registry. A call looks the key up at each use; a start registers it.</summary>
/// <param name="Registry">The name of a registry with unique keys.</param>
/// <param name="Key">The key. Its type must not be hot if the <see cref="Via"/> is kept across a change of code.</param>
public sealed record Via(string Registry, object Key)
{
    /// <summary>The value beside the key, for a process that is started under it: Elixir's <c>{:via, Registry, {registry, key, value}}</c>. Default: none.</summary>
    public object? Value { get; init; }

    /// <summary>The registry.</summary>
    /// <exception cref="InvalidOperationException">There is none with that name, or its keys are not unique.</exception>
    internal RegistryStore Store => RegistryStore.Of(Registry) is { IsUnique: true } store ? store : throw new InvalidOperationException(
        $"Registry '{Registry}' has duplicate keys, so a key does not name a single process and Via cannot be used. Use a registry of unique keys, or Dispatch.");

    internal Cell? Find() => Store.Find(Key) is [var entry, ..] ? entry.Pid.Cell : null;

    /// <inheritdoc/>
    public override string ToString() => $"{Excerpt.Of(Key, longest: 100)} in '{Registry}'";
}
