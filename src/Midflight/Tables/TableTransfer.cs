namespace Midflight;

/// <summary>The receiver now owns a table: it was given away, or its owner has ended and the receiver is its heir. OTP's <c>'ETS-TRANSFER'</c>.</summary>
public sealed class TableTransfer
{
    private readonly TableStore _store;

    internal TableTransfer(TableStore store, Pid from) => (_store, From) = (store, from);

    /// <summary>The previous owner.</summary>
    public Pid From { get; }

    /// <summary>The table's name; null if it has none.</summary>
    public string? Name => _store.Name;

    /// <summary>The table.</summary>
    /// <exception cref="InvalidCastException">It was created with other types.</exception>
    public Table<TKey, TValue> Table<TKey, TValue>()
        where TKey : notnull
        where TValue : notnull => Midflight.Table<TKey, TValue>.Of(_store);

    /// <inheritdoc/>
    public override string ToString() => $"transfer of {_store.Title} from {From}";
}
