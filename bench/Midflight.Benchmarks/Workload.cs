using System.Diagnostics;

namespace Midflight.Benchmarks;

/// <summary>One row of the table: something to do, on Midflight and, where it makes sense, on its peers.</summary>
/// <param name="Name">Also the name of the Erlang program's function, if it has one.</param>
/// <param name="Unit">Of the figure that each run yields.</param>
/// <param name="Midflight">Run once, as a process of a node; the figure.</param>
internal sealed record Workload(string Name, string Unit, Func<Task<double>> Midflight)
{
    /// <summary>The same with a plain actor on System.Threading.Channels; of an endpoint, the same without Midflight.</summary>
    internal Func<Task<double>>? Channels { get; init; }

    /// <summary>Whether bench.erl knows it.</summary>
    internal bool HasBeam { get; init; }

    /// <summary>The same on Erlang, where it is a program of its own.</summary>
    internal Func<Task<double>>? Erlang { get; init; }

    /// <summary>For what takes long: how many runs are enough. One that warms up is none of them.</summary>
    internal int MostRuns { get; init; } = int.MaxValue;

    /// <summary>Whether more is better: for rates.</summary>
    internal bool MoreIsBetter => Unit.EndsWith("/s", StringComparison.Ordinal);

    /// <summary>Nanoseconds for each of many, since a moment.</summary>
    internal static double Each(long since, int count) => Stopwatch.GetElapsedTime(since).TotalNanoseconds / count;

    /// <summary>Millions a second, since a moment.</summary>
    internal static double Millions(long since, int count) => count / Stopwatch.GetElapsedTime(since).TotalMicroseconds;

    /// <summary>Fails the run where its outcome is wrong.</summary>
    internal static void Require(bool right)
    {
        if (!right)
        {
            throw new InvalidOperationException("The workload came to a wrong outcome, so its figure means nothing.");
        }
    }
}
