using System.Collections.Immutable;

namespace Midflight.Releases.Packages;

/// <summary>Where the files of a package may be: in folders of its own applications, in its release, and its command.</summary>
internal static class PackageBounds
{
    /// <summary>Compares what a manifest names with the contents of the release.</summary>
    /// <param name="package">The package, for error messages.</param>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="release">The text of <c>NAME.rel.json</c>.</param>
    /// <exception cref="PackageRefusedException">A file does not belong to the release, or something that the manifest promises is missing.</exception>
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

    /// <summary>Checks that the Midflight which a release needs is in its package or already installed. A folder without any Midflight is not a node, and is not checked.</summary>
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

    // If the list cannot be read, so that no node installs the release: the application with the release's name.
    private static ImmutableHashSet<string> Applications(ReleaseManifest manifest, ReadOnlyMemory<byte> release) =>
        ReleaseFile.Read($"{manifest.Name}.rel.json", release).Succeeded(out var spec, out _)
            ? [.. spec.Applications.Select(application => $"lib/{application.Name}-{application.Version}")]
            : [$"lib/{manifest.Name}-{manifest.Version}"];
}
