namespace Midflight;

/// <summary>The tables of a node.</summary>
public static class Tables
{
    /// <summary>All tables of the node, with or without a name, in no particular order: OTP's <c>ets:all</c> with <c>ets:info</c>.</summary>
    public static IReadOnlyList<TableDescription> All() => [.. Node.Current.Stores.All.OfType<TableStore>().Select(TableDescription.Of).OfType<TableDescription>()];
}

/// <summary>A snapshot of a table.</summary>
/// <param name="Name">Its name; null if it has none.</param>
/// <param name="Owner">The process that owns it.</param>
/// <param name="Heir">The process that gets it when its owner ends; the pid of no process if nobody does.</param>
/// <param name="Kind">How it keeps its entries.</param>
/// <param name="Access">Who may use it besides its owner.</param>
/// <param name="Count">The number of entries.</param>
/// <param name="Key">The type of its keys; null if that mentions hot code.</param>
/// <param name="Value">The type of its values; null if that mentions hot code.</param>
public sealed record TableDescription(string? Name, Pid Owner, Pid Heir, TableKind Kind, TableAccess Access, int Count, Type? Key, Type? Value)
{
    // Null if it has gone meanwhile.
    internal static TableDescription? Of(TableStore store) => store.Size is not { } count
        ? null
        : new(store.Name, store.Owner, store.Heir, store.Kind, store.Access, count, store.Types.Key, store.Types.Value);
}
