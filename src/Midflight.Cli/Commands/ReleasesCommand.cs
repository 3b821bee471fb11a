using System.CommandLine;
using Midflight.Host.Control;
using Midflight.Host.Control.Requests;
using Midflight.Releases.Packages;

namespace Midflight.Cli.Commands;

/// <summary><c>releases</c>: every release with its status. If no node is running, as known from the disk.</summary>
internal static class ReleasesCommand
{
    public static Command Create(Target target)
    {
        var json = Verb.JsonOption();
        return Verb.Create(
            "releases", "List the releases with their status.",
            async (result, cancellation) =>
            {
                var reply = NodeLock.IsTaken(target.Layout)
                    ? await Verb.Ask<ReleasesRequest, ReleasesReply>(target, new(), quiet: true, cancellation)
                    : OnDisk(target);
                if (result.GetValue(json))
                {
                    Output.Json(reply);
                    return 0;
                }

                var width = reply.Releases.Select(release => release.Version.Length).DefaultIfEmpty().Max();
                foreach (var release in reply.Releases)
                {
                    Output.Line($"{release.Version.PadRight(width)}  {release.Status}");
                }

                return 0;
            },
            json);
    }

    private static ReleasesReply OnDisk(Target target) => new(
    [
        .. ReleasesFile.Read(target.Layout).Select(release =>
            new ReleaseEntry(release.Name, release.Version, release.Status.ToString().ToLowerInvariant())),
    ]);
}
