namespace Midflight;

/// <summary>The receiver owns a table now: it was given away, or its owner has ended and the receiver is its heir. OTP's <c>'ETS-TRANSFER'</c>.</summary>
public sealed class TableTransfer
{
    private readonly TableStore _store;

    internal TableTransfer(TableStore store, Pid from) => (_store, From) = (store, from);

    /// <summary>Who owned it.</summary>
    public Pid From { get; }

    /// <summary>The table's name; null if it has none.</summary>
    public string? Name => _store.Name;

    /// <summary>The table.</summary>
    public Table<TKey, TValue> Table<TKey, TValue>()
        where TKey : notnull
        where TValue : notnull => new(_store);

    /// <inheritdoc/>
    public override string ToString() => $"transfer of {_store.Title} from {From}";
}
