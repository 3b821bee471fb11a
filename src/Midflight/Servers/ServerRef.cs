namespace Midflight;

/// <summary>Names the server for a call or cast: a pid, a registered name, or a key of a registry. OTP's <c>server_ref()</c>.</summary>
public readonly struct ServerRef : IEquatable<ServerRef>
{
    private readonly Cell? _cell;

    // A string or a Via.
    private readonly object? _name;

    private ServerRef(Cell? cell, object? name) => (_cell, _name) = (cell, name);

    /// <summary>By pid.</summary>
    public static implicit operator ServerRef(Pid process) => new(process.Cell, null);

    /// <summary>By registered name, looked up at each use.</summary>
    public static implicit operator ServerRef(string name) => new(null, name);

    /// <summary>By key in a registry, looked up at each use.</summary>
    public static implicit operator ServerRef(Via name) => new(null, name);

    /// <summary>By pid.</summary>
    public static ServerRef FromPid(Pid process) => process;

    /// <summary>By registered name, looked up at each use.</summary>
    public static ServerRef FromString(string name) => name;

    /// <summary>By key in a registry, looked up at each use.</summary>
    public static ServerRef FromVia(Via name) => name;

    internal Cell? Find() => _name is null ? _cell : _name is string name ? Node.Current.Names.Find(name) : ((Via)_name).Find();

    /// <inheritdoc/>
    public bool Equals(ServerRef other) => _cell == other._cell && Equals(_name, other._name);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ServerRef other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_cell, _name);

    /// <summary>Whether both name the same server in the same way.</summary>
    public static bool operator ==(ServerRef left, ServerRef right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(ServerRef left, ServerRef right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => _name is null ? $"<{_cell?.Number ?? 0}>" : $"'{_name}'";
}
