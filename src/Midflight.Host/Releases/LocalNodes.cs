using System.Collections.Immutable;

namespace Midflight.Host;

/// <summary>Nodes of one operating system process, which meet in its memory.</summary>
internal sealed class LocalNodes
{
    private readonly Lock _lock = new();

    // All owned by the lock. A failure counts for nodes whose upgrade started before it; later upgrades are another attempt.
    private readonly Dictionary<string, State> _nodes = [];
    private readonly Dictionary<string, Meeting> _meetings = [];
    private long _steps;

    /// <summary>Adds a node.</summary>
    /// <param name="name">Its name in scripts; unique.</param>
    /// <param name="time">Its clock.</param>
    internal INodeSync Join(string name, TimeProvider time)
    {
        lock (_lock)
        {
            _nodes.Add(name, new(0, 0, ""));
        }

        return new Member(this, name, time);
    }

    /// <param name="Begun">The step at which its upgrade started.</param>
    /// <param name="Failed">The step at which it failed; 0 if it has not.</param>
    /// <param name="Why">Why it failed.</param>
    private sealed record State(long Begun, long Failed, string Why);

    // Not there ── the first comes ──▶ waiting ── the last comes ──▶ met
    //                                     └── one fails, leaves or is none ──▶ failed
    private sealed class Meeting(ImmutableSortedSet<string> nodes)
    {
        private readonly TaskCompletionSource<string?> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal ImmutableSortedSet<string> Nodes => nodes;

        internal HashSet<string> Arrived { get; } = [];

        /// <summary>Null when all have met, otherwise the reason why not.</summary>
        internal Task<string?> Outcome => _outcome.Task;

        internal void End(string? why) => _outcome.SetResult(why);
    }

    private sealed class Member(LocalNodes all, string name, TimeProvider time) : INodeSync
    {
        public string Node => name;

        public void Begin()
        {
            lock (all._lock)
            {
                all._nodes[name] = new(++all._steps, 0, "");
            }
        }

        public async Task Meet(string meeting, IReadOnlyCollection<string> nodes, TimeSpan timeout)
        {
            var entered = all.Enter(name, meeting, [.. nodes, name]);
            string? why;

            try
            {
                why = await entered.Outcome.WaitAsync(timeout, time).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // The last may have arrived at this moment; then they have met after all.
                all.GiveUp(entered, meeting, timeout);
                why = await entered.Outcome.ConfigureAwait(false);
            }

            if (why is not null)
            {
                throw new NodeSyncException(why);
            }
        }

        public void Fail(string why)
        {
            lock (all._lock)
            {
                all._nodes[name] = all._nodes[name] with { Failed = ++all._steps, Why = why };

                foreach (var (id, meeting) in all._meetings.Where(pair => pair.Value.Nodes.Contains(name)).ToList())
                {
                    all.End(id, meeting, Failed(name, why));
                }
            }
        }
    }

    private Meeting Enter(string name, string id, ImmutableSortedSet<string> nodes)
    {
        lock (_lock)
        {
            if (!_meetings.TryGetValue(id, out var meeting))
            {
                _meetings[id] = meeting = new Meeting(nodes);
            }

            meeting.Arrived.Add(name);

            if (!meeting.Nodes.SetEquals(nodes))
            {
                End(id, meeting, $"Node {name} joined the meeting {id} of {List(meeting.Nodes)}, but expects to meet {List(nodes)}. Name the same nodes in each script.");
            }
            else if (nodes.FirstOrDefault(node => !_nodes.ContainsKey(node)) is { } missing)
            {
                End(id, meeting, $"Node {missing} of the meeting {id} cannot be reached. Start it, or correct the script.");
            }
            else if (nodes.FirstOrDefault(node => _nodes[node].Failed > _nodes[name].Begun) is { } failed)
            {
                End(id, meeting, Failed(failed, _nodes[failed].Why));
            }
            else if (meeting.Arrived.SetEquals(nodes))
            {
                End(id, meeting, null);
            }

            return meeting;
        }
    }

    private void GiveUp(Meeting meeting, string id, TimeSpan timeout)
    {
        lock (_lock)
        {
            if (!meeting.Outcome.IsCompleted)
            {
                End(id, meeting,
                    $"{List(meeting.Nodes.Except(meeting.Arrived))} did not come to the meeting {id} within {timeout.TotalSeconds:0} s. Upgrade all nodes at the same time.");
            }
        }
    }

    private void End(string id, Meeting meeting, string? why)
    {
        _meetings.Remove(id);
        meeting.End(why);
    }

    private static string Failed(string node, string why) => $"The upgrade of node {node} has failed: {why}";

    private static string List(IEnumerable<string> nodes) => string.Join(", ", nodes);
}
