using Midflight.Host.Control;
using Midflight.Host.Control.Requests;
using Midflight.Releases.Plans;

namespace Midflight.Host;

/// <summary>Handles the control channel's requests about releases.</summary>
internal static class ReleaseRequests
{
    /// <summary>Registers them.</summary>
    internal static ControlServer Register(ControlServer server, ReleaseHandler handler) => server
        .Handle<ReleasesRequest, ReleasesReply>((_, _, _) => new(new ReleasesReply(
            [.. handler.Which().Select(release => new ReleaseEntry(release.Name, release.Version, release.Status.ToString().ToLowerInvariant()))])))
        .Handle<UnpackRequest, UnpackReply>(async (request, _, _) =>
        {
            await Refusing(() => handler.Unpack(request.Version));
            return new(handler.Which()[0].Name, request.Version);
        })
        .Handle<CheckRequest, CheckReply>(async (request, progress, _) =>
        {
            var report = await Refusing(() => handler.Check(
                request.Version, Progress(progress), new InstallSettings { MayRestart = request.Restart, AllowLoss = request.AllowLoss, Together = request.Together }));
            return new(report.From, report.To, report.Verdict, [.. report.Changes.Select(Entry)], report.Processes, report.Rehearsed, report.Notes, []);
        })
        .Handle<InstallRequest, InstallReply>(async (request, progress, _) => Reply(await Refusing(() => handler.Install(
            request.Version,
            new InstallSettings
            {
                MayRestart = request.Restart,
                AllowLoss = request.AllowLoss,
                Together = request.Together,
                Commit = request.Commit,
                Probation = InstallSettings.ProbationOf(request.ProbationSeconds),
            },
            Progress(progress)))))
        .Handle<DowngradeRequest, InstallReply>(async (request, progress, _) => Reply(await Refusing(() => handler.Install(
            request.Version, new InstallSettings { MayRestart = request.Restart, Commit = request.Commit, Together = request.Together }, Progress(progress)))))
        .Handle<CommitRequest, CommitReply>(async (request, _, _) =>
        {
            var notes = await Refusing(() => handler.Commit(request.Version));
            return new(handler.Running, notes);
        })
        .Handle<RemoveRequest, RemoveReply>(async (request, _, _) =>
        {
            await Refusing(() => handler.Remove(request.Version));
            return new(request.Version);
        });

    internal static InstallReply Reply(UpgradeReport report) => new(
        report.From,
        report.To,
        report.Verdict,
        report.IsRestarting ? "restarting" : report.Committed ? "permanent" : "current",
        report.Processes,
        report.Rehearsed,
        report.Switched.TotalMilliseconds,
        report.Notes);

    private static ChangeEntry Entry(PlannedChange change) => new(change.Application, change.Name, change.Change switch
    {
        ChangeKind.ConvertByShape => "convert by shape",
        ChangeKind.ConvertByHand => "convert by hand",
        ChangeKind.Restart => "restart needed",
        var other => other.ToString().ToLowerInvariant(),
    }, change.Reason);

    private static Action<UpgradePhase, string> Progress(ControlProgress progress) => (phase, text) => progress.Report(phase.ToString(), text);

    // An expected refusal and a rollback are answers; anything else is a fault of the node.
    private static async Task<T> Refusing<T>(Func<Task<T>> step)
    {
        try
        {
            return await step();
        }
        catch (Exception no) when (no is ReleaseRefusedException or UpgradeFailedException)
        {
            throw new ControlRefusedException(no.Message);
        }
    }

    private static Task<bool> Refusing(Func<Task> step) => Refusing(async () =>
    {
        await step();
        return true;
    });
}
