using Midflight.Releases.Packages;

namespace Midflight.Releases.Builds;

/// <summary>An existing release that an upgrade starts from or leads to.</summary>
/// <param name="Layout">Its folder.</param>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
internal sealed record EarlierRelease(ReleaseLayout Layout, string Name, string Version)
{
    /// <summary>Finds the release that a person means by a folder or a package.</summary>
    /// <param name="path">The folder of a release, or a <c>.tar.gz</c>.</param>
    /// <param name="otherVersion">The other end of the upgrade, which a folder may hold too; empty for none.</param>
    /// <param name="temporary">The folder to unpack a package into.</param>
    /// <exception cref="BuildRefusedException">There is none, or it is not clear which one is meant.</exception>
    public static EarlierRelease Find(string path, string otherVersion, string temporary)
    {
        if (File.Exists(path))
        {
            return ReleasePackage.Extract(Path.GetFullPath(path), temporary) switch
            {
                UnpackResult.Done(var manifest) => new(new ReleaseLayout(temporary), manifest.Name, manifest.Version),
                UnpackResult.Refused(var why) => throw new BuildRefusedException(why.ToString()),
                var other => throw new InvalidOperationException($"No way to go on from {other}."),
            };
        }

        if (!Directory.Exists(path))
        {
            throw new BuildRefusedException($"{path} is neither a folder nor a file. Give the folder or the .tar.gz of a release.");
        }

        var layout = new ReleaseLayout(path);
        InstalledRelease[] releases = [.. ReleasesFile.Read(layout).Where(release => release.Version != otherVersion)];
        return (releases.Where(release => release.Status is ReleaseStatus.Permanent).ToArray(), releases) switch
        {
            ([var permanent], _) => new(layout, permanent.Name, permanent.Version),
            (_, [var only]) => new(layout, only.Name, only.Version),
            (_, []) => throw new BuildRefusedException(
                $"{layout.Root} holds no {(otherVersion.Length > 0 ? $"release but {otherVersion}" : "release")}. Give the folder or the .tar.gz of another."),
            _ => throw new BuildRefusedException(
                $"{layout.Root} holds {string.Join(", ", releases.Select(release => release.Version))}. Give the .tar.gz of one of them."),
        };
    }
}
