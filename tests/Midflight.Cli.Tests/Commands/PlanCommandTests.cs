using System.Text.Json;
using Midflight.Releases.Packages;

namespace Midflight.Cli.Tests.Commands;

[Collection(DemoGroup.Name)]
[Trait("Category", "EndToEnd")]
public sealed class PlanCommandTests(DemoReleases demo)
{
    [Fact]
    public async Task A_plan_is_told_to_people_to_programs_and_in_the_notation_of_OTP()
    {
        var package = Path.Combine(await Build("0.2.0", "int Count, int Lines = 0"), "demo-0.2.0.tar.gz");

        var text = (await CommandResult.Midflight("plan", demo.First.Root, package)).Succeeded().Output;
        var json = JsonDocument.Parse((await CommandResult.Midflight("plan", demo.First.Root, package, "--json")).Succeeded().Output).RootElement;
        var otp = (await CommandResult.Midflight("plan", demo.First.Root, package, "--otp")).Succeeded().Output;

        Assert.StartsWith("0.1.0 to 0.2.0: hot with conversion\ndemo 0.1.0 to 0.2.0\n", text, StringComparison.Ordinal);
        Assert.Contains("  convert by shape Tally: its members have changed", text, StringComparison.Ordinal);
        Assert.DoesNotContain("unchanged        Demo.Tally", text, StringComparison.Ordinal);
        Assert.Contains("\nscript up from 0.1.0:\n  {\"load_object_code\":\"demo\"", text, StringComparison.Ordinal);
        Assert.Equal("hot with conversion", json.GetProperty("verdict").GetString());
        Assert.Equal("0.2.0", json.GetProperty("relup").GetProperty("version").GetString());
        Assert.Contains("{load_module,'Demo.Counter'", otp, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_appup_that_leaves_out_a_change_fails_the_plan_unless_that_is_allowed()
    {
        const string Appup = """{"version":"0.2.0","up":[{"from":"0.1.0","instructions":[]}],"down":[{"from":"0.1.0","instructions":[]}]}""";
        var folder = await Build("0.2.0", "int Count, int Lines = 0", Appup);

        var refused = await CommandResult.Midflight("plan", demo.First.Root, folder);
        var allowed = await CommandResult.Midflight("plan", demo.First.Root, folder, "--allow-incomplete");

        refused.Failed("problem: demo.appup.json, up from 0.1.0: Demo.Counter has changed and no instruction names it. Add {\"load_module\":\"Demo.Counter\"");
        Assert.Contains("note: demo.appup.json, up from 0.1.0: Demo.Counter has changed", allowed.Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_release_is_named()
    {
        var nothing = Path.Combine(demo.NewFolder(), "nothing");

        (await CommandResult.Midflight("plan", nothing, demo.First.Root))
            .Failed($"{nothing} is neither a folder nor a file. Give the folder or the .tar.gz of a release.");
        (await CommandResult.Midflight("plan", demo.First.Root, demo.First.Root))
            .Failed($"{demo.First.Root} holds no release but 0.1.0. Give the folder or the .tar.gz of another.");
    }

    private async Task<string> Build(string version, string members, string? appup = null)
    {
        var project = demo.Project(version, members);
        if (appup is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(project, "demo.appup.json"), appup);
        }

        var output = new ReleaseLayout(demo.NewFolder());
        (await CommandResult.Midflight("release", project, "--output", output.Root)).Succeeded();
        return output.Root;
    }
}
