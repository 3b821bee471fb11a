using System.Text.Json.Nodes;
using Midflight.Cli.Builds;

namespace Midflight.Cli.Tests.Builds;

public sealed class RuntimeSettingsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("midflight-settings-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_project_adds_its_frameworks_and_its_settings_win()
    {
        var settings = Merge(
            """
            {"runtimeOptions":{"tfm":"net10.0","framework":{"name":"Microsoft.NETCore.App","version":"10.0.0"},
             "configProperties":{"System.GC.Concurrent":true,"System.Globalization.Invariant":true,"Node":1}}}
            """,
            """
            {"runtimeOptions":{"tfm":"net10.0","frameworks":[{"name":"Microsoft.NETCore.App","version":"10.0.3"},{"name":"Microsoft.AspNetCore.App","version":"10.0.0"}],
             "configProperties":{"System.GC.Concurrent":false}}}
            """);

        Assert.Equal("10.0.3", settings.Version);
        Assert.Equal(["Microsoft.NETCore.App", "Microsoft.AspNetCore.App"], settings.FrameworkNames);
        var properties = JsonNode.Parse(settings.ToString())!["runtimeOptions"]!["configProperties"]!.AsObject();
        Assert.False((bool)properties["System.GC.Concurrent"]!);
        Assert.Equal(1, (int)properties["Node"]!);
    }

    [Fact]
    public void Cultures_are_as_the_project_has_them()
    {
        const string plain = """{"runtimeOptions":{"framework":{"name":"Microsoft.NETCore.App","version":"10.0.0"}}}""";
        const string invariant = """
            {"runtimeOptions":{"framework":{"name":"Microsoft.NETCore.App","version":"10.0.0"},"configProperties":{"System.Globalization.Invariant":true}}}
            """;

        Assert.DoesNotContain("Globalization", Merge(invariant, plain).ToString(), StringComparison.Ordinal);
        Assert.Contains("Globalization", Merge(plain, invariant).ToString(), StringComparison.Ordinal);
    }

    private RuntimeSettings Merge(string node, string project)
    {
        File.WriteAllText(Path.Combine(_folder, "node.json"), node);
        File.WriteAllText(Path.Combine(_folder, "project.json"), project);
        return RuntimeSettings.Merge(Path.Combine(_folder, "node.json"), Path.Combine(_folder, "project.json"));
    }
}
