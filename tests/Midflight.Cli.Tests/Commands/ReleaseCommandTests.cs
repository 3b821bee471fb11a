using Midflight.Releases;
using Midflight.Releases.Packages;

namespace Midflight.Cli.Tests.Commands;

[Collection(DemoGroup.Name)]
[Trait("Category", "EndToEnd")]
public sealed class ReleaseCommandTests(DemoReleases demo)
{
    [Fact]
    public void A_release_lies_on_disk_as_it_is_documented()
    {
        var layout = demo.First;

        Assert.True(File.Exists(layout.Command("demo")));
        Assert.True(File.Exists(Path.Combine(layout.Library("demo", "0.1.0"), "Demo.dll")));
        Assert.True(File.Exists(Path.Combine(layout.Library("midflight", "1.0.0"), "Midflight.dll")));
        Assert.Equal("{}\n", File.ReadAllText(layout.ConfigFile("0.1.0")));
        Assert.Equal("0.1.0 1.0.0 -\n", File.ReadAllText(layout.StartFile));
        Assert.Equal(["demo 0.1.0 permanent"], ReleasesFile.Read(layout).Select(release => release.ToString()));
        Assert.Contains("demo 0.1.0: ", demo.FirstResult.Output, StringComparison.Ordinal);
        Assert.Empty(demo.FirstResult.Error.Replace("building midflight\n", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Name_version_description_and_modules_come_from_the_project()
    {
        var file = demo.First.AppFile("demo", "0.1.0");

        Assert.True(ApplicationFile.Read(file, File.ReadAllBytes(file)).Succeeded(out var application, out _));
        Assert.Equal(("demo", "0.1.0", "Counts."), (application.Name, application.Version, application.Description));
        Assert.Equal(["Demo.Counter", "Demo.Tally"], application.Modules.Select(module => module.Name));
    }

    [Fact]
    public void The_boot_script_loads_the_code()
    {
        var file = demo.First.BootFile("0.1.0");

        Assert.True(BootFile.Read(file, File.ReadAllBytes(file)).Succeeded(out var boot, out _));
        Assert.Equal(["lib/demo-0.1.0"], boot.Code.Select(code => code.Folder));
    }

    [Fact]
    public void The_package_is_good()
    {
        var package = Path.Combine(demo.First.Root, "demo-0.1.0.tar.gz");

        var manifest = Assert.IsType<UnpackResult.Done>(ReleasePackage.Verify(package)).Manifest;

        Assert.Equal("10.0.0", manifest.Runtime);
        Assert.DoesNotContain(manifest.Files.Keys, path => path.StartsWith("run/", StringComparison.Ordinal) || path == "releases/RELEASES.json");
    }

    [Fact]
    public async Task An_upgrade_is_planned_from_an_earlier_release_and_from_its_package()
    {
        var project = demo.Project("0.2.0", "int Count, int Lines = 0");
        var output = new ReleaseLayout(demo.NewFolder());

        var result = (await CommandResult.Midflight("release", project, "--output", output.Root, "--from", demo.First.Root)).Succeeded();

        Assert.Contains("0.1.0 to 0.2.0: hot with conversion", result.Output, StringComparison.Ordinal);
        Assert.Contains("convert by shape Tally", result.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(output.AppupFile("demo", "0.2.0")));
        var file = output.RelupFile("0.2.0");
        Assert.True(RelupFile.Read(file, File.ReadAllBytes(file)).Succeeded(out var relup, out _));
        Assert.Equal(("0.1.0", "0.1.0"), (Assert.Single(relup.Up).Version, Assert.Single(relup.Down).Version));
        Assert.Contains("releases/0.2.0/relup.json", ReleaseManifest.Read(output, "0.2.0").Files.Keys);
    }

    [Fact]
    public async Task A_plan_that_is_not_hot_fails_the_build_and_writes_nothing()
    {
        var project = demo.Project("0.2.0", "string Count");
        var output = Path.Combine(demo.NewFolder(), "out");
        var package = Path.Combine(demo.First.Root, "demo-0.1.0.tar.gz");

        var result = (await CommandResult.Midflight("release", project, "--output", output, "--from", package))
            .Failed("0.1.0 to 0.2.0: restart needed.");

        Assert.Contains("Tally", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(output));
    }

    [Fact]
    public async Task What_does_not_compile_fails_with_what_the_compiler_says()
    {
        var project = demo.Project("0.2.0", "int Count", "this is no C#");

        var result = (await CommandResult.Midflight("release", project, "--output", demo.NewFolder()))
            .Failed($"{project}/Demo.csproj cannot be built:");

        Assert.Contains("Counter.cs", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_missing_on_the_command_line_is_named()
    {
        (await CommandResult.Midflight("plan")).Failed("Required argument 'OLD' missing for command: 'plan'.");
        (await CommandResult.Midflight("release", "/nowhere", "--output", "/nowhere/out")).Failed("There is no /nowhere.");
        (await CommandResult.Midflight("upgrade")).Failed("Required command was not provided.");
        (await CommandResult.Midflight("release", demo.First.Root, "--output", "/nowhere/out", "--from", "/nowhere"))
            .Failed($"{demo.First.Root} holds no C# project.");
    }
}
