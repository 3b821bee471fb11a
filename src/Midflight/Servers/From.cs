namespace Midflight;

/// <summary>A caller that waits for its reply. Keep it to answer later, from any process.</summary>
public readonly struct From : IEquatable<From>
{
    private readonly PendingCall? _call;

    internal From(PendingCall call) => _call = call;

    internal PendingCall? Call => _call;

    /// <summary>The calling process; the pid of no process if the caller is not a process.</summary>
    public Pid Pid => _call?.Caller is { } caller ? caller.Pid : default;

    /// <inheritdoc/>
    public bool Equals(From other) => _call == other._call;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is From other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _call?.GetHashCode() ?? 0;

    /// <summary>Whether both are the same call.</summary>
    public static bool operator ==(From left, From right) => left.Equals(right);

    /// <summary>Whether they are different calls.</summary>
    public static bool operator !=(From left, From right) => !left.Equals(right);
}
