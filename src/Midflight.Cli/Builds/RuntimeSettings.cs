using System.Text.Json.Nodes;

namespace Midflight.Cli.Builds;

/// <summary>The <c>runtimeconfig.json</c> of a release: the node's needs, combined with the project's settings.</summary>
internal sealed class RuntimeSettings
{
    private readonly JsonObject _root;

    private RuntimeSettings(JsonObject root) => _root = root;

    /// <summary>The minimum version of .NET.</summary>
    public string Version => Frameworks().First(framework => (string)framework["name"]! == "Microsoft.NETCore.App")["version"]!.ToString();

    /// <summary>The names of the frameworks.</summary>
    public IEnumerable<string> FrameworkNames => Frameworks().Select(framework => framework["name"]!.ToString());

    /// <summary>Overrides the node's settings with the project's.</summary>
    /// <param name="node">The file of the node.</param>
    /// <param name="project">The file of the project.</param>
    public static RuntimeSettings Merge(string node, string project)
    {
        var merged = Options(node);
        var asked = Options(project);
        var all = FrameworksOf(merged).Concat(FrameworksOf(asked)).Select(framework => framework.DeepClone().AsObject())
            .GroupBy(framework => framework["name"]!.ToString())
            .Select(same => same.MaxBy(framework => System.Version.Parse(framework["version"]!.ToString())))
            .ToArray<JsonNode?>();
        merged.Remove("framework");
        merged["frameworks"] = new JsonArray(all);
        var properties = merged["configProperties"] as JsonObject ?? [];
        // Texts and cultures are the application's own business; if it sets nothing, .NET's defaults apply.
        foreach (var name in properties.Select(property => property.Key)
            .Where(name => name.StartsWith("System.Globalization.", StringComparison.Ordinal)).ToList())
        {
            properties.Remove(name);
        }

        foreach (var (name, value) in asked["configProperties"] as JsonObject ?? [])
        {
            properties[name] = value?.DeepClone();
        }

        merged["configProperties"] = properties.DeepClone();
        return new RuntimeSettings(new JsonObject { ["runtimeOptions"] = merged.DeepClone() });
    }

    /// <inheritdoc/>
    public override string ToString() => _root.ToJsonString(new() { WriteIndented = true }) + "\n";

    private IEnumerable<JsonObject> Frameworks() => FrameworksOf(_root["runtimeOptions"]!.AsObject());

    private static JsonObject Options(string file) => JsonNode.Parse(File.ReadAllText(file))!["runtimeOptions"]!.AsObject();

    private static IEnumerable<JsonObject> FrameworksOf(JsonObject options) =>
        options["frameworks"] is JsonArray several
            ? several.Select(framework => framework!.AsObject())
            : options["framework"] is JsonObject one ? [one] : [];
}
