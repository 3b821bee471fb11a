using System.Collections.Immutable;
using System.Text.Json;
using Midflight.Releases.Packages;

namespace Midflight.Releases.Builds;

/// <summary>Writes what a node runs of a release: its applications, their order, their configuration.</summary>
internal static class ApplicationTree
{
    /// <summary>Writes the applications of a release.</summary>
    /// <param name="layout">The target; existing files stay.</param>
    /// <param name="published">What was built.</param>
    /// <param name="applications">It as applications, that of the project first, which gives the release its name and version.</param>
    /// <param name="runtime">The minimum version of .NET.</param>
    /// <exception cref="BuildRefusedException">The applications do not fit together, or the configuration is not a JSON object.</exception>
    public static ReleaseSpec Write(ReleaseLayout layout, Published published, ImmutableArray<BuiltApplication> applications, string runtime)
    {
        var root = applications[0].Spec;
        var release = new ReleaseSpec(
            root.Name, root.Version, runtime,
            [.. applications.Select(application => new ReleaseApplication(application.Spec.Name, application.Spec.Version))]);
        Directory.CreateDirectory(layout.Release(root.Version));

        foreach (var application in applications)
        {
            WriteApplication(layout, published, application);
        }

        File.WriteAllText(layout.RelFile(root.Name, root.Version), ReleaseFile.Write(release));
        File.WriteAllText(layout.BootFile(root.Version), BootFile.Write(Boot(release, applications)));
        File.WriteAllText(layout.ConfigFile(root.Version), Configuration(published.ProjectFolder));
        return release;
    }

    private static void WriteApplication(ReleaseLayout layout, Published published, BuiltApplication application)
    {
        var (spec, _, files) = application;
        var folder = layout.Library(spec.Name, spec.Version);
        foreach (var file in files)
        {
            var copy = Path.Combine(folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(published.Folder, file), copy, overwrite: true);
        }

        File.WriteAllText(layout.AppFile(spec.Name, spec.Version), ApplicationFile.Write(spec));
        // Handwritten: beside the project, or copied to its output by a project that it refers to.
        string[] places = published.ProjectFolder is { } project ? [project, published.Folder] : [published.Folder];
        if (places.Select(place => Path.Combine(place, spec.Name + ".appup.json")).FirstOrDefault(File.Exists) is { } appup)
        {
            File.Copy(appup, layout.AppupFile(spec.Name, spec.Version), overwrite: true);
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
            ReleaseOutcome.Refused(var problem) => throw new BuildRefusedException(problem.ToString()),
            var other => throw new InvalidOperationException($"No way to go on from {other}."),
        };
    }

    private static string Configuration(string? projectFolder)
    {
        var file = Path.Combine(projectFolder ?? "", "config.json");
        if (projectFolder is null || !File.Exists(file))
        {
            return "{}\n";
        }

        var text = File.ReadAllText(file);
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind is JsonValueKind.Object
                ? text
                : throw new BuildRefusedException($"{file} is not a JSON object. Write {{\"APPLICATION\": {{\"KEY\": VALUE}}}}.");
        }
        catch (JsonException error)
        {
            throw new BuildRefusedException($"{file} is not JSON: {error.Message}");
        }
    }
}
