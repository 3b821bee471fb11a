using System.Globalization;

namespace Midflight.Testing;

/// <summary>Upgrades a scenario at each of its message boundaries, and compares how it ends with a node that never changed its code.</summary>
/// <example>
/// <code>
/// await MessageBoundaries.Check(
///     HotRelease.At("chat-0.1.0.tar.gz"), HotRelease.Of&lt;ChatApplication&gt;(),
///     [
///         node => node.Call(() => Rooms.Enter("lobby", "anna")),
///         node => node.Call(() => Rooms.Enter("lobby", "ben")),
///         node => node.Call(() => Rooms.Leave("lobby", "anna")),
///     ],
///     async node => string.Join(" ", await node.Call(() => Rooms.Names("lobby"))));
/// </code>
/// </example>
/// <remarks>
/// A scenario of three steps has four boundaries: before each step and after the last. At each of them a node of its own goes up, goes down, and goes up and down again, once
/// while nothing else happens and once while the next step is in progress. So three steps take 21 nodes, each of some tenths of a second.
/// </remarks>
public static class MessageBoundaries
{
    /// <summary>Checks that a scenario ends the same wherever the code changes.</summary>
    /// <param name="old">The older release.</param>
    /// <param name="new">The newer release.</param>
    /// <param name="steps">
    /// The scenario, step by step. Each step sends one message or makes one call, in either release, and ends when that is handled. A step may be in progress while the code changes,
    /// and must not depend on the version that it finds.
    /// </param>
    /// <param name="end">Says, when all steps are done, what the processes hold. Written in the same way by both releases for what both have.</param>
    /// <exception cref="MessageBoundaryException">At one boundary or more the upgrade failed, a step failed, or the scenario ended otherwise than on a node that ran the last release from its start.</exception>
    public static async Task Check(HotRelease old, HotRelease @new, IReadOnlyList<Func<Upgrade, Task>> steps, Func<Upgrade, Task<string>> end)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(@new);
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(end);

        var start = Upgrade.From(old);
        var cold = new Dictionary<bool, string>
        {
            [false] = await Play(Way.Up with { Changes = [] }, 0, isDuring: false).ConfigureAwait(false),
            [true] = await Play(Way.Down with { Changes = [] }, 0, isDuring: false).ConfigureAwait(false),
        };
        var failures = new List<string>();

        foreach (var way in (Way[])[Way.Up, Way.Down, Way.ThereAndBack])
        {
            for (var at = 0; at <= steps.Count; at++)
            {
                await Try(way, at, isDuring: false).ConfigureAwait(false);

                if (at < steps.Count)
                {
                    await Try(way, at, isDuring: true).ConfigureAwait(false);
                }
            }
        }

        if (failures.Count > 0)
        {
            throw new MessageBoundaryException(string.Join("\n", failures));
        }

        async Task Try(Way way, int at, bool isDuring)
        {
            try
            {
                var (held, expected) = (await Play(way, at, isDuring).ConfigureAwait(false), cold[way.EndsNew]);

                if (held != expected)
                {
                    failures.Add($"{Say(way, at, isDuring)}: it ends with {held}. On a node that ran the {(way.EndsNew ? "new" : "old")} release from its start it ends with {expected}.");
                }
            }
            // A step is the test's own, and may throw anything.
            catch (Exception exception)
            {
                failures.Add($"{Say(way, at, isDuring)}: {exception.GetType().Name}: {exception.Message}");
            }
        }

        async Task<string> Play(Way way, int at, bool isDuring)
        {
            var node = await start.To(@new, way.StartsNew).ConfigureAwait(false);
            await using var _ = node.ConfigureAwait(false);

            for (var i = 0; i < steps.Count; i++)
            {
                var step = i == at && isDuring ? steps[i](node) : Task.CompletedTask;

                if (i == at)
                {
                    await Change(node, way, step).ConfigureAwait(false);
                }

                if (i != at || !isDuring)
                {
                    await steps[i](node).ConfigureAwait(false);
                }
            }

            if (at == steps.Count)
            {
                await Change(node, way, Task.CompletedTask).ConfigureAwait(false);
            }

            return await end(node).ConfigureAwait(false);
        }

        string Say(Way way, int at, bool isDuring) => string.Create(
            CultureInfo.InvariantCulture, $"{way.Name} {(isDuring ? $"during step {at + 1}" : at == steps.Count ? $"after step {at}" : $"before step {at + 1}")} of {steps.Count}");
    }

    private static async Task Change(Upgrade node, Way way, Task step)
    {
        try
        {
            foreach (var goesUp in way.Changes)
            {
                await (goesUp ? node.Up() : node.Down()).ConfigureAwait(false);
            }
        }
        finally
        {
            // It is over before the node goes, whatever came of the change.
            await step.ConfigureAwait(false);
        }
    }

    // Which release runs first, and what is done then.
    private sealed record Way(string Name, bool StartsNew, params bool[] Changes)
    {
        public static readonly Way Up = new("up", false, true);
        public static readonly Way Down = new("down", true, false);
        public static readonly Way ThereAndBack = new("up and down again", false, true, false);

        public bool EndsNew => Changes is [.., var last] ? last : StartsNew;
    }
}
