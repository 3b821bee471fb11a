namespace Midflight;

/// <summary>A process under a key of a registry.</summary>
public sealed class RegistryEntry
{
    internal RegistryEntry(Registration token, object key, object? value) => (Token, StoredKey, Stored) = (token, key, value);

    internal Registration Token { get; }

    /// <summary>The process.</summary>
    public Pid Pid => Token.Process.Pid;

    /// <summary>The key as stored.</summary>
    internal object StoredKey { get; }

    /// <summary>The value as stored.</summary>
    internal object? Stored { get; }

    /// <summary>The key, converted to the calling process's code version.</summary>
    public object Key => Door.Into(Cell.Current?.Body?.Version, StoredKey)!;

    /// <summary>The current value, converted to the calling process's code version.</summary>
    public object? Value => Door.Into(Cell.Current?.Body?.Version, Stored);

    /// <summary>The value as a type, converted if it is from another code version.</summary>
    /// <exception cref="InvalidCastException">It has an unrelated type.</exception>
    public T ValueAs<T>() => Door.Read<T>(Stored ?? throw new InvalidCastException($"{Excerpt.Of(StoredKey, longest: 100)} of {Pid} has no value. Register it with one."));

    /// <inheritdoc/>
    public override string ToString() => $"{Excerpt.Of(StoredKey, longest: 100)}: {Pid}";
}

/// <summary>Removes an entry when its process ends. It stays the same when key and value are converted.</summary>
internal sealed class Registration(RegistryStore store, Cell process) : IDisposable
{
    internal RegistryStore Store => store;

    internal Cell Process => process;

    public void Dispose() => store.Remove(this);
}
