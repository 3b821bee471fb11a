using System.Diagnostics.CodeAnalysis;

namespace Midflight;

// What a registry has besides its entries: metadata and locks.
public sealed partial class Registry
{
    /// <summary>Keeps a value beside the entries of a registry, as long as the registry runs: Elixir's <c>put_meta</c>.</summary>
    /// <param name="registry">The registry's name.</param>
    /// <param name="key">The value's name.</param>
    /// <param name="value">Replaces the previous one. It lives across code versions, like the entries.</param>
    public static void PutMeta<T>(string registry, string key, T value)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(value);
        RegistryStore.Of(registry).Meta(key).Put(value);
    }

    /// <summary>Reads a value that was kept with <see cref="PutMeta"/>. Takes no lock.</summary>
    /// <exception cref="InvalidCastException">It has another type.</exception>
    public static bool TryGetMeta<T>(string registry, string key, [MaybeNullWhen(false)] out T value)
        where T : notnull
    {
        var found = RegistryStore.Of(registry).FindMeta(key)?.Contents;
        value = found is null ? default : Door.Read<T>(found);
        return found is not null;
    }

    /// <summary>Removes a value that was kept with <see cref="PutMeta"/>.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool DeleteMeta(string registry, string key) => RegistryStore.Of(registry).FindMeta(key)?.Put(null) ?? false;

    /// <summary>Runs a function while no other process runs one under the same key of the registry's locks: Elixir's <c>Registry.lock</c>.</summary>
    /// <param name="registry">The registry's name.</param>
    /// <param name="key">The lock's key. It is unrelated to the entries under that key. Its type should not be hot.</param>
    /// <param name="function">The function.</param>
    /// <returns>Its result.</returns>
    /// <exception cref="InvalidOperationException">The calling process already has that lock, or waits for it.</exception>
    /// <remarks>Processes get the lock in the order in which they asked. It is released when the function ends, successfully or not, and when the process ends.</remarks>
    public static async ValueTask<T> Lock<T>(string registry, object key, Func<Task<T>> function)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(function);
        var self = Process.Here;
        var turn = RegistryStore.Of(registry).Locks.Take(key, self);
        self.Bonds.Owned.Add(turn);

        try
        {
            await turn.Comes;
            return await function();
        }
        finally
        {
            self.Bonds.Owned.Remove(turn);
            turn.Dispose();
        }
    }

    /// <inheritdoc cref="Lock{T}"/>
    public static async ValueTask Lock(string registry, object key, Func<Task> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        await Lock(registry, key, async () =>
        {
            await function();
            return true;
        });
    }
}
