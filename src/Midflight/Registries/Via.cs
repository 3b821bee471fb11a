namespace Midflight;

/// <summary>Names a process by its key in a registry: where a server is called it is looked up at each use, where one is started it is registered.</summary>
/// <param name="Registry">The name of a registry with unique keys.</param>
/// <param name="Key">The key; of a type that is not hot, where the <see cref="Via"/> is kept over a change of code.</param>
public sealed record Via(string Registry, object Key)
{
    internal Cell? Find() => RegistryStore.Of(Registry).Find(Key) is [var entry, ..] ? entry.Pid.Cell : null;

    /// <inheritdoc/>
    public override string ToString() => $"{Excerpt.Of(Key, longest: 100)} in '{Registry}'";
}
