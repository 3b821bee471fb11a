namespace Midflight;

/// <summary>Names one process. Never reused while the node runs; valid in every code version.</summary>
/// <remarks>It is only a reference. A pid outlives its process: sending to an ended process does nothing, as in OTP.</remarks>
public readonly struct Pid : IEquatable<Pid>
{
    internal Pid(Cell cell) => Cell = cell;

    internal Cell? Cell { get; }

    /// <summary>The number shown in <c>&lt;84&gt;</c>, unique as long as the node runs. 0 for the pid of no process.</summary>
    /// <remarks>Of two processes, the later one usually has the higher number, but not always.</remarks>
    public long Number => Cell?.Number ?? 0;

    /// <summary>Whether the process has not ended yet. False is final; true may be stale when it is read.</summary>
    public bool IsAlive => Cell is { IsDead: false };

    /// <inheritdoc/>
    public bool Equals(Pid other) => ReferenceEquals(Cell, other.Cell);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Pid other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Number.GetHashCode();

    /// <summary>Whether both name the same process.</summary>
    public static bool operator ==(Pid left, Pid right) => left.Equals(right);

    /// <summary>Whether they name different processes.</summary>
    public static bool operator !=(Pid left, Pid right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => $"<{Number}>";
}
