using System.Collections.Immutable;
using System.Text.Json;
using Midflight.Releases;
using Midflight.Releases.Packages;

namespace Midflight.Cli.Builds;

/// <summary>Writes a release as it lies on disk, from what was built.</summary>
/// <param name="Layout">Where it lies: a folder of its own, in which nothing else is.</param>
/// <param name="Release">What it consists of.</param>
/// <param name="Settings">The settings of .NET.</param>
internal sealed record ReleaseTree(ReleaseLayout Layout, ReleaseSpec Release, RuntimeSettings Settings)
{
    /// <summary>Writes everything but plans, the manifest and the package.</summary>
    /// <exception cref="Failure">The applications do not fit together, or the configuration is no JSON object.</exception>
    public static ReleaseTree Write(
        ReleaseLayout layout, Published published, ImmutableArray<BuiltApplication> applications, bool includeRuntime)
    {
        var root = applications[0].Spec;
        var settings = RuntimeSettings.Merge(
            Path.Combine(NodeRuntime.Folder, "Midflight.Cli.runtimeconfig.json"), published.RuntimeConfigFile);
        var release = new ReleaseSpec(
            root.Name, root.Version, settings.Version,
            [.. applications.Select(application => new ReleaseApplication(application.Spec.Name, application.Spec.Version))]);
        Directory.CreateDirectory(layout.Release(root.Version));
        foreach (var application in applications)
        {
            WriteApplication(layout, published, application);
        }

        foreach (var file in NodeRuntime.Files)
        {
            Folders.CopyFile(
                Path.Combine(NodeRuntime.Folder, file), Path.Combine(layout.Library("midflight", NodeRuntime.Version), file));
        }

        if (includeRuntime)
        {
            IncludedRuntime.Copy(layout.Runtime(Dotnet.Version.ToString()), settings.FrameworkNames);
        }

        File.WriteAllText(layout.RelFile(root.Name, root.Version), ReleaseFile.Write(release));
        File.WriteAllText(layout.BootFile(root.Version), BootFile.Write(Boot(release, applications)));
        File.WriteAllText(layout.ConfigFile(root.Version), Configuration(published.ProjectFolder));
        File.WriteAllText(layout.RuntimeConfigFile(root.Version), settings.ToString());
        CommandScript.Write(layout.Command(root.Name), root.Name);
        return new(layout, release, settings);
    }

    /// <summary>Writes the manifest of everything that lies there now.</summary>
    public ReleaseManifest Seal(bool includeRuntime)
    {
        var included = includeRuntime ? Dotnet.Version.ToString() : null;
        var start = new StartFile(Release.Version, NodeRuntime.Version, included);
        // What the script reads after a first install, when nothing was committed yet.
        File.WriteAllText(Path.Combine(Layout.Release(Release.Version), "start.txt"), start + "\n");
        var files = Directory.EnumerateFiles(Layout.Root, "*", SearchOption.AllDirectories)
            .Where(file => file != Layout.ManifestFile(Release.Version))
            .Select(file => Path.GetRelativePath(Layout.Root, file).Replace(Path.DirectorySeparatorChar, '/'));
        var manifest = ReleaseManifest.Of(
            Layout, Release.Name, Release.Version, NodeRuntime.Version, Release.Runtime, included, files);
        File.WriteAllBytes(Layout.ManifestFile(Release.Version), manifest.ToJson());
        return manifest;
    }

    private static void WriteApplication(ReleaseLayout layout, Published published, BuiltApplication application)
    {
        var (spec, _, files) = application;
        var folder = layout.Library(spec.Name, spec.Version);
        foreach (var file in files)
        {
            Folders.CopyFile(Path.Combine(published.Folder, file), Path.Combine(folder, file));
        }

        File.WriteAllText(layout.AppFile(spec.Name, spec.Version), ApplicationFile.Write(spec));
        // Written by hand: beside the project, or copied to its output by a project that it refers to.
        string[] places = [published.ProjectFolder, published.Folder];
        if (places.Select(place => Path.Combine(place, spec.Name + ".appup.json")).FirstOrDefault(File.Exists) is { } appup)
        {
            File.Copy(appup, layout.AppupFile(spec.Name, spec.Version));
        }
    }

    private static BootScript Boot(ReleaseSpec release, ImmutableArray<BuiltApplication> applications)
    {
        var library = new ApplicationLibrary();
        foreach (var application in applications)
        {
            library.Add(application.Spec);
        }

        return ReleaseResolver.Resolve(release, library) switch
        {
            ReleaseOutcome.Resolved(var resolved, _) => BootGenerator.Generate(resolved),
            ReleaseOutcome.Refused(var problem) => throw new Failure(problem.ToString()),
            var other => throw new InvalidOperationException($"No way to go on from {other}."),
        };
    }

    private static string Configuration(string projectFolder)
    {
        var file = Path.Combine(projectFolder, "config.json");
        if (!File.Exists(file))
        {
            return "{}\n";
        }

        var text = File.ReadAllText(file);
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind is JsonValueKind.Object
                ? text
                : throw new Failure($"{file} is no JSON object. Write {{\"APPLICATION\": {{\"KEY\": VALUE}}}}.");
        }
        catch (JsonException error)
        {
            throw new Failure($"{file} is not JSON: {error.Message}");
        }
    }
}
