namespace Midflight;

/// <summary>Names the server of a call or cast: a pid, or a registered name. OTP's <c>server_ref()</c>.</summary>
public readonly struct ServerRef : IEquatable<ServerRef>
{
    private readonly Cell? _cell;
    private readonly string? _name;

    private ServerRef(Cell? cell, string? name) => (_cell, _name) = (cell, name);

    /// <summary>By pid.</summary>
    public static implicit operator ServerRef(Pid process) => new(process.Cell, null);

    /// <summary>By registered name, looked up at each use.</summary>
    public static implicit operator ServerRef(string name) => new(null, name);

    /// <summary>By pid.</summary>
    public static ServerRef FromPid(Pid process) => process;

    /// <summary>By registered name, looked up at each use.</summary>
    public static ServerRef FromString(string name) => name;

    internal Cell? Find() => _name is null ? _cell : Node.Current.Names.Find(_name);

    /// <inheritdoc/>
    public bool Equals(ServerRef other) => _cell == other._cell && _name == other._name;

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
