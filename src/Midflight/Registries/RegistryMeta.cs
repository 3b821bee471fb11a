using System.Diagnostics.CodeAnalysis;

namespace Midflight;

// What a registry has besides its entries: values of its own, and locks.
public sealed partial class Registry
{
    /// <summary>Keeps a value beside the entries of a registry, as long as it runs: Elixir's <c>put_meta</c>.</summary>
    /// <param name="registry">The registry's name.</param>
    /// <param name="key">Which value.</param>
    /// <param name="value">Takes the place of the one before. It lives across code versions, as the entries do.</param>
    public static void PutMeta<T>(string registry, string key, T value)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(value);
        RegistryStore.Of(registry).Meta(key).Put(value);
    }

    /// <summary>Reads a value that was kept with <see cref="PutMeta"/>. Takes no lock.</summary>
    /// <exception cref="InvalidCastException">It is of another type.</exception>
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

    /// <summary>Does something while no other process does something under that key of the registry's locks: Elixir's <c>Registry.lock</c>.</summary>
    /// <param name="registry">The registry's name.</param>
    /// <param name="key">Which lock. It has nothing to do with the entries under that key, and is best of a type that is not hot.</param>
    /// <param name="function">What to do.</param>
    /// <returns>What it returns.</returns>
    /// <exception cref="InvalidOperationException">The calling process has that lock, or waits for it, already.</exception>
    /// <remarks>Processes get it in the order in which they asked. It is given back when the function ends, well or not, and when the process does.</remarks>
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
