using System.Collections.Immutable;

namespace Midflight.Releases.Packages;

/// <summary>Where the files of a package may lie: in folders of its own applications, in its release, and its command.</summary>
internal static class PackageBounds
{
    /// <summary>Compares what a manifest names with what the release consists of.</summary>
    /// <param name="package">The package, for complaints.</param>
    /// <param name="manifest">What it holds.</param>
    /// <param name="release">The text of <c>NAME.rel.json</c>.</param>
    /// <exception cref="PackageRefusedException">A file belongs to nothing of it, or something that the manifest promises is missing.</exception>
    internal static void Check(string package, ReleaseManifest manifest, ReadOnlyMemory<byte> release)
    {
        var midflight = $"lib/midflight-{manifest.Midflight}";
        var folders = Applications(manifest, release).Add(midflight);

        if (manifest.IncludedRuntime is { } included)
        {
            folders = folders.Add($"runtime-{included}");
        }

        foreach (var path in manifest.Files.Keys)
        {
            var isOwn = ReleaseManifest.FolderOf(path) is { } folder
                ? folders.Contains(folder)
                : path == $"bin/{manifest.Name}" || path.StartsWith($"releases/{manifest.Version}/", StringComparison.Ordinal);

            if (!isOwn)
            {
                throw PackageReader.Refuse(new PackageRefusal.NotOfRelease(package, path, $"{manifest.Name} {manifest.Version}"));
            }
        }

        // What the next start would run.
        if (manifest.IncludedRuntime is not null && $"runtime-{manifest.IncludedRuntime}/dotnet" is var dotnet && !manifest.Files.ContainsKey(dotnet))
        {
            throw PackageReader.Refuse(new PackageRefusal.MissingFile(package, dotnet));
        }

        if (manifest.Folders.Contains(midflight) && !manifest.Files.ContainsKey($"{midflight}/Midflight.dll"))
        {
            throw PackageReader.Refuse(new PackageRefusal.MissingFile(package, $"{midflight}/Midflight.dll"));
        }
    }

    /// <summary>Whether the Midflight that a release is to run on is in its package, or in place already. A folder without any is no node, and is let be.</summary>
    /// <exception cref="PackageRefusedException">It is neither.</exception>
    internal static void CheckMidflight(ReleaseLayout layout, string package, ReleaseManifest manifest)
    {
        if (!manifest.Folders.Contains($"lib/midflight-{manifest.Midflight}")
            && !Directory.Exists(layout.Library("midflight", manifest.Midflight))
            && Directory.Exists(layout.Libraries)
            && Directory.EnumerateDirectories(layout.Libraries, "midflight-*").Any())
        {
            throw PackageReader.Refuse(new PackageRefusal.MissingFile(package, $"lib/midflight-{manifest.Midflight}/Midflight.dll"));
        }
    }

    // Of a list that cannot be read, which no node installs, the application that bears the name of the release.
    private static ImmutableHashSet<string> Applications(ReleaseManifest manifest, ReadOnlyMemory<byte> release) =>
        ReleaseFile.Read($"{manifest.Name}.rel.json", release).Succeeded(out var spec, out _)
            ? [.. spec.Applications.Select(application => $"lib/{application.Name}-{application.Version}")]
            : [$"lib/{manifest.Name}-{manifest.Version}"];
}
