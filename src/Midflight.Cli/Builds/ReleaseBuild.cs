using System.Collections.Immutable;
using Midflight.Host.Control;
using Midflight.Releases.Builds;
using Midflight.Releases.Packages;
using Midflight.Releases.Plans;

namespace Midflight.Cli.Builds;

/// <summary>What to build.</summary>
/// <param name="Project">A project file, or a folder with one.</param>
/// <param name="Output">The folder of the release; it may hold earlier ones. Null for bin/midflight beside the project.</param>
/// <param name="From">An earlier release to plan the upgrade from: its folder or package. Null for the committed one in the output, if there is one.</param>
/// <param name="IncludeRuntime">Whether the release includes .NET.</param>
/// <param name="AllowIncomplete">Whether a handwritten appup may omit something.</param>
/// <param name="AllowRestart">Whether the upgrade may restart the node if it cannot be hot.</param>
internal sealed record BuildRequest(string Project, string? Output, string? From, bool IncludeRuntime, bool AllowIncomplete, bool AllowRestart)
{
    /// <summary>The version of the release, instead of the project's. Default: null.</summary>
    public string? Version { get; init; }

    /// <summary>Whether the release includes the shell with its compiler. Default: true.</summary>
    public bool Shell { get; init; } = true;

    /// <summary>Files of the private keys to sign it with. Default: none.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];
}

/// <summary>What was built.</summary>
/// <param name="Manifest">Its contents.</param>
/// <param name="Folder">The folder of the release.</param>
/// <param name="Package">The package, in that folder.</param>
/// <param name="IsPackageOnly">Whether only the package was written, because a node runs in that folder.</param>
/// <param name="Plan">The upgrade from the earlier release; null if none was given.</param>
/// <param name="Notes">Notes for a person.</param>
internal sealed record BuiltRelease(
    ReleaseManifest Manifest, string Folder, string Package, bool IsPackageOnly, UpgradePlan? Plan, ImmutableArray<string> Notes);

/// <summary>Builds a release and its package from C# projects.</summary>
internal sealed class ReleaseBuild(BuildRequest request, Action<string> progress)
{
    /// <remarks>
    /// Nothing that a node runs is touched: while one runs in the output folder, only the package is written there.
    /// </remarks>
    /// <exception cref="Failure">It cannot be built; nothing of the output has changed.</exception>
    public async Task<BuiltRelease> Run(CancellationToken cancellation)
    {
        foreach (var key in request.Keys)
        {
            // Before anything is built, which takes minutes.
            _ = TrustedKeys.Sign([], key);
        }

        var project = ProjectFile.Find(request.Project);
        var target = new ReleaseLayout(request.Output ?? Path.Combine(Path.GetDirectoryName(project)!, "bin", "midflight"));
        var temporary = Directory.CreateTempSubdirectory("midflight-release-").FullName;
        try
        {
            return await Run(project, target, temporary, cancellation);
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    private async Task<BuiltRelease> Run(
        string project, ReleaseLayout target, string temporary, CancellationToken cancellation)
    {
        progress($"building {Path.GetFileName(project)}");
        string[] version = request.Version is { } given ? [$"-p:MidflightVersion={given}", $"-p:MidflightProject={project}"] : [];
        var published = await Publishing.Run(project, Path.Combine(temporary, "build"), version, cancellation);
        var built = Applications.Read(published, NodeRuntime.Has);
        var root = built.All[0].Spec;
        var tree = ReleaseTree.Write(
            new ReleaseLayout(Path.Combine(temporary, "release")), published, built.All, request.IncludeRuntime, request.Shell);
        ImmutableArray<string> notes = root.Mod is null
            ? [$"{root.Name} has no public class that derives from Application, so the node will not start it."]
            : [];
        var manifest = tree.Seal(request.IncludeRuntime);
        UpgradePlan? plan = null;
        if (Earlier(target, manifest, temporary) is { } earlier)
        {
            progress($"planning {earlier.Version} to {root.Version}");
            plan = UpgradePlanning.Write(earlier, tree, request.AllowIncomplete, request.AllowRestart);
            manifest = tree.Seal(request.IncludeRuntime);
        }

        if (request.Keys.Count > 0)
        {
            var text = manifest.ToJson();
            File.WriteAllLines(tree.Layout.SignatureFile(manifest.Version), request.Keys.Select(key => TrustedKeys.Sign(text, key)));
        }

        var isRunning = NodeLock.IsTaken(target);
        if (!isRunning)
        {
            Placing.Put(tree.Layout, target, manifest);
        }

        progress("packing");
        var package = Path.Combine(target.Root, ReleaseLayout.PackageName(manifest.Name, manifest.Version));
        ReleasePackage.Write(isRunning ? tree.Layout : target, manifest, package);
        return new(manifest, target.Root, package, isRunning, plan, [.. built.Ways, .. notes, .. plan?.Notes ?? []]);
    }

    private EarlierRelease? Earlier(ReleaseLayout target, ReleaseManifest manifest, string temporary)
    {
        if (request.From is { } from)
        {
            return EarlierRelease.Find(from, manifest.Version, Path.Combine(temporary, "earlier"));
        }

        var here = ReleasesFile.Read(target);
        return here.FirstOrDefault(release => release.Status is ReleaseStatus.Permanent) switch
        {
            { } committed when committed.Version != manifest.Version => new(target, committed.Name, committed.Version),
            not null when NodeLock.IsTaken(target) => throw new Failure(
                $"A node runs {manifest.Name} {manifest.Version} in {target.Root}, so that version cannot be rebuilt there. Raise the project's <Version>, or pass --version."),
            _ => null,
        };
    }
}
