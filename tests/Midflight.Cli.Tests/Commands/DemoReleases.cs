using Midflight.Releases.Packages;

namespace Midflight.Cli.Tests.Commands;

/// <summary>Releases of a small application, each built once for all tests.</summary>
public sealed class DemoReleases : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("midflight-demo-").FullName;

    /// <summary>The release 0.1.0, as <c>midflight release</c> built it.</summary>
    public ReleaseLayout First => new(Path.Combine(_folder, "built-0.1.0"));

    /// <summary>What the command wrote.</summary>
    internal CommandResult FirstResult { get; private set; } = null!;

    public string NewFolder() => Directory.CreateDirectory(Path.Combine(_folder, Guid.NewGuid().ToString("N"))).FullName;

    // The package, unpacked by tar into an empty folder.
    private string Unpacked => Path.Combine(_folder, "unpacked-0.1.0");

    public async Task InitializeAsync()
    {
        FirstResult = (await CommandResult.Midflight("release", Project("0.1.0", "int Count"), "--output", First.Root)).Succeeded();
        Directory.CreateDirectory(Unpacked);
        (await CommandResult.Run("tar", "-xzf", Path.Combine(First.Root, "demo-0.1.0.tar.gz"), "-C", Unpacked)).Succeeded();
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>Writes the sources of a version whose server has a state with these members.</summary>
    /// <returns>The folder of the project.</returns>
    public string Project(string version, string members, string more = "")
    {
        var folder = Path.Combine(NewFolder(), "Demo");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "Demo.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <Version>{version}</Version>
                <Description>Counts.</Description>
              </PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="{CommandResult.Repository}/src/Midflight/Midflight.csproj" />
              </ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(folder, "Counter.cs"), $$"""
            using Midflight;

            namespace Demo;

            public sealed record Tally({{members}});

            public sealed class Counter : GenServer<Tally>
            {
                protected override Started<Tally> Init(object? argument) => default!;
            }
            {{more}}
            """);
        return folder;
    }

    /// <summary>A node as an operator makes it, in a folder of its own.</summary>
    internal async Task<ReleaseLayout> Install()
    {
        var node = new ReleaseLayout(NewFolder());
        (await CommandResult.Run("cp", "-a", Unpacked + "/.", node.Root)).Succeeded();
        return node;
    }
}

[CollectionDefinition(Name)]
public sealed class DemoGroup : ICollectionFixture<DemoReleases>
{
    public const string Name = "demo releases";
}
