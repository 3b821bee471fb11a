using System.Collections.Immutable;
using System.Text.Json;

namespace Midflight.Releases.Builds;

/// <summary>One project or package that a build brought together.</summary>
/// <param name="Name">The name of the project's assembly or of the package.</param>
/// <param name="IsProject">Whether it was built here, and is not a package.</param>
/// <param name="Dependencies">The names of those that it refers to.</param>
/// <param name="Files">Its files, by path from the folder of the build.</param>
internal sealed record Dependency(string Name, bool IsProject, ImmutableArray<string> Dependencies, ImmutableArray<string> Files);

/// <summary>Reads <c>NAME.deps.json</c>, in which .NET records what came from where.</summary>
internal static class DependencyFile
{
    public static ImmutableArray<Dependency> Read(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        var root = document.RootElement;
        var target = root.GetProperty("targets").GetProperty(root.GetProperty("runtimeTarget").GetProperty("name").GetString()!);
        return
        [
            .. from library in root.GetProperty("libraries").EnumerateObject()
               let found = target.TryGetProperty(library.Name, out var entry) ? entry : default
               where found.ValueKind is JsonValueKind.Object
               select new Dependency(
                   library.Name.Split('/')[0],
                   library.Value.GetProperty("type").ValueEquals("project"),
                   [.. Members(found, "dependencies").Select(dependency => dependency.Name)],
                   [
                       // Files for every system are directly in the folder; files for one system, and texts, keep their folders.
                       .. Members(found, "runtime").Select(asset => Path.GetFileName(asset.Name)),
                       .. Members(found, "runtimeTargets").Select(asset => asset.Name),
                       .. Members(found, "resources").Select(asset =>
                           $"{asset.Value.GetProperty("locale").GetString()}/{Path.GetFileName(asset.Name)}"),
                   ]),
        ];
    }

    private static JsonElement.ObjectEnumerator Members(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var members) ? members.EnumerateObject() : default;
}
