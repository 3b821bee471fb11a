using System.Collections.Immutable;
using Midflight.Releases.Packages;

namespace Midflight.Host;

/// <summary>What each release of the node is, in memory and on disk.</summary>
/// <remarks>
/// On disk is what a start after a crash needs: the permanent release in <c>start.txt</c>, whose rename commits, and the rest in
/// <c>RELEASES.json</c>, which is put right from it. What is current without being permanent is known in memory only.
/// </remarks>
internal sealed class ReleaseStatuses
{
    private readonly ReleaseLayout _layout;
    private readonly string _name;

    private ReleaseStatuses(ReleaseLayout layout, string name) => (_layout, _name) = (layout, name);

    /// <summary>The releases, the newest first.</summary>
    internal ImmutableArray<InstalledRelease> All { get; private set; } = [];

    internal InstalledRelease? Running => All.FirstOrDefault(release => release.Status == ReleaseStatus.Current) ?? Permanent;

    internal InstalledRelease? Permanent => All.FirstOrDefault(release => release.Status == ReleaseStatus.Permanent);

    /// <summary>Reads what is on disk.</summary>
    /// <param name="layout">Where.</param>
    /// <param name="name">The name of the releases.</param>
    /// <param name="started">The release that has been started. It is the permanent one, unless an upgrade has restarted the node.</param>
    /// <param name="permanent">The permanent one.</param>
    internal static ReleaseStatuses Read(ReleaseLayout layout, string name, string started, string permanent)
    {
        var statuses = Read(layout, name, permanent);

        if (started != permanent)
        {
            statuses.Install(started);
        }

        return statuses;
    }

    private static ReleaseStatuses Read(ReleaseLayout layout, string name, string started)
    {
        var statuses = new ReleaseStatuses(layout, name);
        var listed = ReleasesFile.Read(layout);

        // A crash may have come between the two files of a commit: start.txt, which was started from, is right.
        statuses.All =
        [
            .. listed.Select(release => release.Version == started
                ? release with { Status = ReleaseStatus.Permanent }
                : release.Status == ReleaseStatus.Permanent ? release with { Status = ReleaseStatus.Old } : release),
        ];

        if (statuses.All.All(release => release.Version != started))
        {
            statuses.All = [new InstalledRelease(name, started, ReleaseStatus.Permanent), .. statuses.All];
        }

        if (!statuses.All.SequenceEqual(listed))
        {
            statuses.Write();
        }

        return statuses;
    }

    internal InstalledRelease? Find(string version) => All.FirstOrDefault(release => release.Version == version);

    internal void Add(string version)
    {
        All = [new InstalledRelease(_name, version, ReleaseStatus.Unpacked), .. All];
        Write();
    }

    /// <summary>Looks whether a release that is not known has been put in place by other means than an unpack: OTP's <c>set_unpacked</c>.</summary>
    internal void TakeIn(string version)
    {
        if (Find(version) is null && ReleasesFile.Read(_layout).Any(release => release.Name == _name && release.Version == version))
        {
            Add(version);
        }
    }

    internal void Remove(string version)
    {
        All = All.RemoveAll(release => release.Version == version);
        Write();
    }

    /// <summary>A release has been installed. In memory only.</summary>
    internal void Install(string version) => All =
    [
        .. All.Select(release => release with
        {
            Status = ReleaseLifecycle.Next(release.Status, release.Version == version ? ReleaseAction.Install : ReleaseAction.Leave) ?? release.Status,
        }),
    ];

    /// <summary>Puts a list back that was read before; for an install that was undone.</summary>
    internal void PutBack(ImmutableArray<InstalledRelease> before) => All = before;

    /// <summary>Makes a release permanent. From the rename of <c>start.txt</c> on it is what the next start takes.</summary>
    internal void Commit(string version)
    {
        StartFile.Of(ReleaseManifest.Read(_layout, version)).Write(_layout);
        FaultPoint.Reach("commit:start-written");
        All =
        [
            .. All.Select(release => release.Version == version
                ? release with { Status = ReleaseStatus.Permanent }
                : release.Status == ReleaseStatus.Permanent ? release with { Status = ReleaseStatus.Old } : release),
        ];

        try
        {
            Write();
        }
        // What the next start takes is written, and it puts this file right from that.
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }

        FaultPoint.Reach("commit:releases-written");
    }

    private void Write() => ReleasesFile.Write(_layout, All);
}
