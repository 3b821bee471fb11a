using System.Collections.Immutable;
using Midflight.Host.Control;
using Midflight.Releases.Packages;
using Midflight.Releases.Plans;

namespace Midflight.Cli.Builds;

/// <summary>What to build.</summary>
/// <param name="Project">A project file, or a folder with one.</param>
/// <param name="Output">The folder of the release; it may hold earlier ones.</param>
/// <param name="From">An earlier release to plan the upgrade from: its folder or package; null for none.</param>
/// <param name="IncludeRuntime">Whether the release brings along .NET.</param>
/// <param name="AllowIncomplete">Whether an appup that a person wrote may leave something out.</param>
/// <param name="AllowRestart">Whether the upgrade may restart the node where it cannot be hot.</param>
internal sealed record BuildRequest(string Project, string Output, string? From, bool IncludeRuntime, bool AllowIncomplete, bool AllowRestart);

/// <summary>What was built.</summary>
/// <param name="Manifest">What it consists of.</param>
/// <param name="Folder">The folder of the release.</param>
/// <param name="Package">The package, in that folder.</param>
/// <param name="Plan">How one comes to it from the earlier release; null where none was given.</param>
/// <param name="Notes">What is worth knowing.</param>
internal sealed record BuiltRelease(
    ReleaseManifest Manifest, string Folder, string Package, UpgradePlan? Plan, ImmutableArray<string> Notes);

/// <summary>Builds a release and its package from C# projects.</summary>
internal sealed class ReleaseBuild(BuildRequest request, Action<string> progress)
{
    /// <exception cref="Failure">It cannot be built; nothing of the output has changed.</exception>
    public async Task<BuiltRelease> Run(CancellationToken cancellation)
    {
        var project = ProjectFile.Find(request.Project);
        var target = new ReleaseLayout(request.Output);
        if (NodeLock.IsTaken(target))
        {
            throw new Failure($"A node is running at {target.Root}. Build into another folder.");
        }

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
        var published = await Publishing.Run(project, Path.Combine(temporary, "build"), cancellation);
        var applications = Applications.Read(published);
        var root = applications[0].Spec;
        var tree = ReleaseTree.Write(
            new ReleaseLayout(Path.Combine(temporary, "release")), published, applications, request.IncludeRuntime);
        ImmutableArray<string> notes = root.Mod is null
            ? [$"{root.Name} has no public class that derives from Application, so the node starts nothing of it."]
            : [];
        var manifest = tree.Seal(request.IncludeRuntime);
        UpgradePlan? plan = null;
        if (request.From is { } from)
        {
            var earlier = EarlierRelease.Find(from, root.Version, Path.Combine(temporary, "earlier"));
            progress($"planning {earlier.Version} to {root.Version}");
            plan = UpgradePlanning.Write(earlier, tree, request.AllowIncomplete, request.AllowRestart);
            manifest = tree.Seal(request.IncludeRuntime);
        }

        Placing.Put(tree.Layout, target, manifest);
        progress("packing");
        var package = Path.Combine(target.Root, ReleaseLayout.PackageName(manifest.Name, manifest.Version));
        ReleasePackage.Write(target, manifest, package);
        return new(manifest, target.Root, package, plan, [.. notes, .. plan?.Notes ?? []]);
    }
}
