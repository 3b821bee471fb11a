using System.Globalization;
using System.Text.Json;
using Midflight.Releases.Packages;
using OsProcess = System.Diagnostics.Process;

namespace Midflight.Cli.Tests.Commands;

/// <summary>The command of a release, against real nodes in operating system processes of their own.</summary>
[Collection(DemoGroup.Name)]
[Trait("Category", "EndToEnd")]
public sealed class NodeCommandTests(DemoReleases demo) : IAsyncLifetime
{
    private ReleaseLayout _node = null!;

    public async Task InitializeAsync() => _node = await demo.Install();

    public async Task DisposeAsync()
    {
        if (File.Exists(_node.ControlSocket))
        {
            await Demo("stop");
        }
    }

    [Fact]
    public async Task A_node_is_started_asked_and_stopped()
    {
        var started = (await Demo("start")).Succeeded();
        var pid = (await Demo("pid")).Succeeded().Output.Trim();

        Assert.Equal($"demo 0.1.0 is running as process {pid}.\n", started.Output);
        Assert.Equal("pong\n", (await Demo("ping")).Succeeded().Output);
        Assert.Equal("0.1.0  permanent\n", (await Demo("releases")).Succeeded().Output);
        Assert.StartsWith($"demo 0.1.0 (permanent), process {pid}, up ", (await Demo("status")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal($"demo has stopped (process {pid}).\n", (await Demo("stop")).Succeeded().Output);
        Assert.False(File.Exists(_node.ControlSocket));
        Assert.False(File.Exists(_node.PidFile));
    }

    [Fact]
    public async Task Programs_read_json()
    {
        (await Demo("start")).Succeeded();

        var status = JsonSerializer.Deserialize<JsonElement>((await Demo("status", "--json")).Succeeded().Output);
        var releases = JsonSerializer.Deserialize<JsonElement>((await Demo("releases", "--json")).Succeeded().Output);

        var processes = JsonSerializer.Deserialize<JsonElement>((await Demo("processes", "--top", "memory", "--count", "1", "--json")).Succeeded().Output);
        Assert.Equal(Math.Min(processes.GetProperty("total").GetInt32(), 1), processes.GetProperty("processes").GetArrayLength());
        Assert.Equal("0.1.0", status.GetProperty("version").GetString());
        Assert.Equal("demo", status.GetProperty("applications")[0].GetProperty("name").GetString());
        Assert.Equal("permanent", releases.GetProperty("releases")[0].GetProperty("status").GetString());
        var refused = await Demo("upgrade", "0.9.0", "--json");
        Assert.Equal(1, refused.Code);
        var error = JsonSerializer.Deserialize<JsonElement>(refused.Output).GetProperty("error").GetProperty("message").GetString();
        Assert.Equal(error + "\n", refused.Error);
        Assert.Contains("0.9.0", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expression_is_run_in_the_node()
    {
        (await Demo("start")).Succeeded();

        Assert.Equal("Tally { Count = 3 }\n", (await Demo("eval", "new Demo.Tally(1 + 2)")).Succeeded().Output);
        (await Demo("eval", "nowhere")).Failed("(1,1): error CS0103: ");
        Assert.Equal("6\n", (await CommandResult.Run(
            "/bin/sh", "-c", $"printf 'var x = 3;\\nx * 2\\nexit()\\n' | {_node.Command("demo")} remote")).Succeeded().Output);
    }

    [Fact]
    public async Task A_second_start_says_that_a_node_runs()
    {
        (await Demo("start")).Succeeded();

        (await Demo("start")).Failed($"A node is already running at {_node.Root}, as process ");
        (await Demo("foreground")).Failed($"A node is already running at {_node.Root}, as process ");
    }

    [Fact]
    public async Task A_node_that_was_killed_leaves_nothing_in_the_way_of_the_next()
    {
        (await Demo("start")).Succeeded();
        using (var killed = OsProcess.GetProcessById(int.Parse((await Demo("pid")).Output, CultureInfo.InvariantCulture)))
        {
            killed.Kill();
            await killed.WaitForExitAsync();
        }

        Assert.True(File.Exists(_node.ControlSocket));
        (await Demo("ping")).Failed($"No node is running at {_node.Root}. Start it with `start`.");
        (await Demo("start")).Succeeded();
        Assert.Equal("pong\n", (await Demo("ping")).Succeeded().Output);
    }

    [Fact]
    public async Task A_restart_is_another_process()
    {
        (await Demo("start")).Succeeded();
        var before = (await Demo("pid")).Output;

        (await Demo("restart")).Succeeded();

        Assert.NotEqual(before, (await Demo("pid")).Succeeded().Output);
    }

    [Theory]
    [InlineData("ping")]
    [InlineData("pid")]
    [InlineData("status")]
    [InlineData("stop")]
    [InlineData("restart")]
    [InlineData("commit")]
    [InlineData("unpack", "0.2.0")]
    [InlineData("check", "0.2.0")]
    [InlineData("upgrade", "0.2.0")]
    [InlineData("downgrade", "0.2.0")]
    [InlineData("remove", "0.2.0")]
    [InlineData("remote")]
    [InlineData("eval", "1")]
    public async Task Without_a_node_a_command_says_so(params string[] arguments) =>
        (await Demo(arguments)).Failed($"No node is running at {_node.Root}. Start it with `start`.");

    [Fact]
    public async Task Without_a_node_the_releases_and_the_version_are_those_on_the_disk()
    {
        Assert.Equal("0.1.0  unpacked\n", (await Demo("releases")).Succeeded().Output);
        Assert.Equal(
            $"demo 0.1.0, midflight 1.0.0, .NET {Environment.Version}\n", (await Demo("version")).Succeeded().Output);
    }

    [Fact]
    public async Task A_node_that_cannot_start_shows_the_end_of_its_log()
    {
        File.WriteAllText(_node.BootFile("0.1.0"), "no boot script");

        var result = (await Demo("start")).Failed("demo 0.1.0 did not start: it ended with code 1. Its log, ");

        Assert.Contains("boot.json", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_node.ControlSocket));
    }

    [Fact]
    public async Task The_script_says_what_is_missing()
    {
        Directory.Delete(_node.Release("0.1.0"), recursive: true);

        (await Demo("start")).Failed($"There is no release in {_node.Releases}.");
    }

    [Fact]
    public async Task The_script_does_not_guess_between_releases()
    {
        Directory.CreateDirectory(_node.Release("0.2.0"));
        File.Copy(Path.Combine(_node.Release("0.1.0"), "start.txt"), Path.Combine(_node.Release("0.2.0"), "start.txt"));

        (await Demo("version")).Failed($"None of the releases in {_node.Releases} was committed.");
    }

    [Fact]
    public async Task The_command_works_through_a_symbolic_link()
    {
        var link = Path.Combine(demo.NewFolder(), "d");
        File.CreateSymbolicLink(link, _node.Command("demo"));

        (await CommandResult.Run(link, "version")).Succeeded();
    }

    [Fact]
    public async Task Help_lists_what_there_is_and_an_unknown_verb_fails()
    {
        var help = (await Demo("help")).Succeeded().Output;

        Assert.All(
            ["start", "foreground", "stop", "restart", "ping", "pid", "status", "releases", "unpack", "check", "upgrade", "commit", "downgrade", "remove", "remote", "eval", "version"],
            verb => Assert.Contains($"  {verb} ", help, StringComparison.Ordinal));
        Assert.NotEqual(0, (await Demo("fly")).Code);
    }

    private Task<CommandResult> Demo(params string[] arguments) => CommandResult.Run(_node.Command("demo"), arguments);
}
