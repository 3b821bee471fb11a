namespace Midflight.Releases.Packages;

/// <summary>Makes a node of a package that was unpacked with <c>tar -xzf</c>: the release that starts first is the permanent one.</summary>
public static class FirstStart
{
    /// <summary>
    /// Commits a release if none has been committed yet; otherwise does nothing. Remains of a removal or unpack
    /// are not touched.
    /// </summary>
    /// <param name="layout">The node.</param>
    /// <param name="version">The release that is about to start.</param>
    /// <exception cref="InvalidDataException">There is no such release, or its manifest cannot be read.</exception>
    public static void Commit(ReleaseLayout layout, string version)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (File.Exists(layout.StartFile) && File.Exists(layout.ReleasesFile))
        {
            return;
        }

        var releases = ReleasesFile.Read(layout);
        var first = releases.FirstOrDefault(release => release.Version == version) ?? throw new InvalidDataException(
            $"There is no release {version} in {layout.Releases}. Unpack its package with `tar -xzf` in {layout.Root}.");
        ReleasesFile.Write(layout,
        [
            first with { Status = ReleaseStatus.Permanent },
            .. releases.Where(release => release != first).Select(release =>
                release.Status is ReleaseStatus.Permanent ? release with { Status = ReleaseStatus.Old } : release),
        ]);
        StartFile.Of(ReleaseManifest.Read(layout, version)).Write(layout);
    }
}
