using System.Collections.Immutable;
using Midflight.Releases.Packages;

namespace Midflight.Host;

/// <summary>The status of each release of the node, in memory and on disk.</summary>
/// <remarks>
/// The disk has what a start after a crash needs: the permanent release in <c>start.txt</c>, whose rename commits, and the rest in
/// <c>RELEASES.json</c>, which is corrected from it. A release that is current but not permanent is known only in memory.
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
    /// <param name="layout">The folder.</param>
    /// <param name="name">The name of the releases.</param>
    /// <param name="started">The started release. It is the permanent one, unless an upgrade has restarted the node.</param>
    /// <param name="permanent">The permanent release.</param>
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

        // A crash may have come between the two files of a commit. start.txt, from which the node was started, is right.
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

    /// <summary>Checks whether an unknown release has been put in place by other means than an unpack: OTP's <c>set_unpacked</c>.</summary>
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

    /// <summary>A release has been installed. Only in memory.</summary>
    internal void Install(string version) => All =
    [
        .. All.Select(release => release with
        {
            Status = ReleaseLifecycle.Next(release.Status, release.Version == version ? ReleaseAction.Install : ReleaseAction.Leave) ?? release.Status,
        }),
    ];

    /// <summary>Restores a list that was read before, for an install that was undone.</summary>
    internal void PutBack(ImmutableArray<InstalledRelease> before) => All = before;

    /// <summary>Makes a release permanent. From the rename of <c>start.txt</c> on, the next start uses it.</summary>
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
        // The file that the next start uses is written, and the start corrects this file from it.
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }

        FaultPoint.Reach("commit:releases-written");
    }

    private void Write() => ReleasesFile.Write(_layout, All);
}
