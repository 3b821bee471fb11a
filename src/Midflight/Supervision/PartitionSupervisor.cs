namespace Midflight;

/// <summary>Runs the same child several times and spreads keys over the copies: for a process that is a bottleneck because so many use it. Elixir's PartitionSupervisor.</summary>
/// <remarks>
/// <para>
/// <c>PartitionSupervisor.Child("jobs", Child.Of&lt;JobSupervisor&gt;())</c> starts a job supervisor for each processor, and
/// <c>JobSupervisor.AsyncNoLink(PartitionSupervisor.For("jobs", key), …)</c> uses the one for a key.
/// </para>
/// <para>A partition that ends is restarted under its number, so a key keeps its partition. Its children are like those of any supervisor: see <see cref="Supervisor.WhichChildren"/>.</para>
/// </remarks>
public sealed class PartitionSupervisor : Supervisor
{
    /// <summary>The partitions as a child of a supervisor. Its id is its name.</summary>
    /// <param name="name">Its name on the node.</param>
    /// <param name="child">The specification of each partition. The partition's number gives its id and name.</param>
    /// <param name="partitions">How many; at least 1. Default: the number of processors.</param>
    /// <param name="intensity">How many restarts are tolerated. Default: <see cref="RestartIntensity.Default"/>, 1 within 5 s.</param>
    public static ChildSpec Child(string name, ChildSpec child, int? partitions = null, RestartIntensity? intensity = null) =>
        Child(name, _ => child, partitions, intensity);

    /// <inheritdoc cref="Child(string, ChildSpec, int?, RestartIntensity?)"/>
    /// <param name="name">Its name on the node.</param>
    /// <param name="child">Returns the specification of a partition, given its number from 0: for arguments that differ. Called at once, and not kept.</param>
    /// <param name="partitions">How many; at least 1. Default: the number of processors.</param>
    /// <param name="intensity">How many restarts are tolerated. Default: <see cref="RestartIntensity.Default"/>, 1 within 5 s.</param>
    public static ChildSpec Child(string name, Func<int, ChildSpec> child, int? partitions = null, RestartIntensity? intensity = null) =>
        Midflight.Child.Of<PartitionSupervisor>(Partitioned.Of(name, child, partitions, intensity)) with { Id = name, Name = name };

    /// <summary>Starts the partitions, linked to the calling process.</summary>
    /// <inheritdoc cref="Child(string, ChildSpec, int?, RestartIntensity?)"/>
    /// <exception cref="StartFailedException">The name is taken, or a partition did not start.</exception>
    public static ValueTask<Pid> StartLink(string name, ChildSpec child, int? partitions = null, RestartIntensity? intensity = null) =>
        StartLink<PartitionSupervisor>(Partitioned.Of(name, _ => child, partitions, intensity), name);

    /// <summary>The partition for a key, looked up at each use.</summary>
    /// <param name="name">The name of the partitions.</param>
    /// <param name="key">
    /// A whole number is taken modulo the number of partitions, any other key by its hash code. So the key's type should not be hot, and its hash code
    /// should survive a change of code.
    /// </param>
    /// <exception cref="InvalidOperationException">There are no partitions with that name.</exception>
    public static ServerRef For(string name, object key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var count = (uint)Partitions(name);
        var partition = key switch
        {
            int number => Math.Abs((long)number) % count,
            long number => (long)(Absolute(number) % count),
            uint or ushort or short or byte or sbyte => Math.Abs(Convert.ToInt64(key, System.Globalization.CultureInfo.InvariantCulture)) % count,
            ulong number => (long)(number % count),
            _ => (uint)key.GetHashCode() % count,
        };
        return Partitioned.NameOf(name, (int)partition);
    }

    private static ulong Absolute(long number) => number < 0 ? 0 - (ulong)number : (ulong)number;

    /// <summary>How many partitions there are.</summary>
    /// <exception cref="InvalidOperationException">There are none with that name.</exception>
    public static int Partitions(string name) => Node.Current.Partitions.TryGetValue(name, out var count) ? count : throw new InvalidOperationException(
        $"There are no partitions '{name}'. Start them before their users: PartitionSupervisor.Child(\"{name}\", …) in their supervisor.");

    /// <inheritdoc/>
    // Not hot code, so no change of code runs it again.
    protected override SupervisorSpec Init(object? argument)
    {
        var partitioned = (Partitioned)argument!;
        Process.Own(partitioned.Begin(Process.Here.Node));
        return partitioned.Spec;
    }

    // Its start argument: the child for each partition.
    private sealed record Partitioned(string Name, SupervisorSpec Spec)
    {
        internal static Partitioned Of(string name, Func<int, ChildSpec> child, int? partitions, RestartIntensity? intensity)
        {
            ArgumentException.ThrowIfNullOrEmpty(name);
            ArgumentNullException.ThrowIfNull(child);
            var count = partitions ?? Environment.ProcessorCount;
            ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(partitions));
            var children = Enumerable.Range(0, count).Select(partition => child(partition) with { Id = $"{partition}", Name = NameOf(name, partition) }).ToArray();
            return new(name, new SupervisorSpec(Strategy.OneForOne, children) { Intensity = intensity ?? RestartIntensity.Default });
        }

        internal static string NameOf(string name, int partition) => $"{name}/{partition}";

        internal Known Begin(Node node)
        {
            node.Partitions[Name] = Spec.Children.Count;
            return new Known(node, Name);
        }
    }

    private sealed class Known(Node node, string name) : IDisposable
    {
        public void Dispose() => node.Partitions.TryRemove(name, out _);
    }
}
