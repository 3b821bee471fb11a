using System.Collections.Immutable;
using System.Reflection;
using Midflight.Host.Control.Requests;
using Midflight.Host.Evaluation;

namespace Midflight.Host.Control;

/// <summary>What a node tells of itself, and how it is stopped from outside.</summary>
/// <param name="node">The node.</param>
/// <param name="code">Its code.</param>
/// <param name="name">The name of its release.</param>
/// <param name="running">The release that runs now: its version, and whether it is <c>permanent</c> or <c>current</c>.</param>
/// <param name="notUnloaded">How many purged code versions are still in memory.</param>
/// <param name="lastUpgrade">The last upgrade that the node was asked for, if any.</param>
/// <param name="stop">Begins to stop the node; must not wait for the end.</param>
internal sealed class NodeRequests(
    Node node,
    CodeServer code,
    string name,
    Func<(string Version, string Status)> running,
    Func<int> notUnloaded,
    Func<JournalEntry?> lastUpgrade,
    Action stop)
{
    private readonly long _began = node.Time.GetTimestamp();

    /// <summary>Registers ping, status, processes, stop and restart.</summary>
    public ControlServer Register(ControlServer server) => server
        .Handle<PingRequest, PingReply>((_, _, _) => new(new PingReply(name, running().Version, Environment.ProcessId)))
        .Handle<StatusRequest, StatusReply>((_, _, _) => new(Status()))
        .Handle<ProcessesRequest, ProcessesReply>((request, _, _) => new(Processes(request)))
        .Handle<StopRequest, StopReply>((_, _, _) => new(Stop()))
        .Handle<RestartRequest, StopReply>((_, _, _) => new(Stop()));

    private StopReply Stop()
    {
        stop();
        return new(Environment.ProcessId);
    }

    private ProcessesReply Processes(ProcessesRequest request) => ProcessPage.Look(
        node,
        request.Top switch
        {
            null => null,
            "queue" => ProcessOrder.Queue,
            "reductions" => ProcessOrder.Reductions,
            "memory" => ProcessOrder.Memory,
            _ => throw new ControlRefusedException($"Processes cannot be sorted by '{request.Top}'. Use queue, reductions or memory."),
        },
        request.Count,
        Math.Max(0, request.Skip),
        request.Filter);

    private StatusReply Status()
    {
        var (version, status) = running();
        return new(
            name,
            version,
            status,
            Environment.ProcessId,
            typeof(Node).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0],
            Environment.Version.ToString(),
            Math.Round(node.Time.GetElapsedTime(_began).TotalSeconds, 3),
            node.ProcessCount,
            Environment.WorkingSet,
            notUnloaded(),
            Applications(),
            lastUpgrade() is { } upgrade ? Entry(upgrade) : null);
    }

    private static UpgradeStatus Entry(JournalEntry upgrade) => new(
        upgrade.From, upgrade.To, upgrade.Phase.ToString(), upgrade.IsOver, upgrade.Outcome, upgrade.Report is { } report ? ReleaseRequests.Reply(report) : null);

    private ImmutableArray<ApplicationStatus> Applications()
    {
        var entries = ImmutableArray.CreateBuilder<ApplicationStatus>();
        foreach (var application in code.Which())
        {
            var old = application.Old?.Version;
            var users = old is null ? 0 : CodeUse.Count(node, old);
            entries.Add(new(application.Hot.Name, application.Current?.Version.Release ?? "", old?.Release, users));
        }

        return entries.ToImmutable();
    }
}
