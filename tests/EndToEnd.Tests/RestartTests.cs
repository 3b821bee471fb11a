using Midflight.Host;

namespace EndToEnd.Tests;

/// <summary>Upgrades that restart the node's operating system process, and go on.</summary>
[Trait("Category", "EndToEnd")]
public sealed class RestartTests(Repackages packages) : IClassFixture<Repackages>
{
    // Those that only such an upgrade has, and some behind the restart.
    public static TheoryData<bool, string> KillSteps()
    {
        var steps = new TheoryData<bool, string> { { true, "switch:flipped" }, { true, "commit:start-written" }, { false, "restart:starting" }, { false, "journal:OnProbation" } };

        foreach (var step in FaultPoint.OfRestart)
        {
            steps.Add(true, step);
        }

        return steps;
    }

    private static async Task Serves(Installation octochat, int version)
    {
        await using var crowd = await Crowd.Connect(octochat.Port, talking: 2, idle: 2);
        await crowd.Answers(version);
    }

    private static string CommandLine(Installation octochat)
    {
        using var node = octochat.Node()!;
        return File.ReadAllText($"/proc/{node.Id}/cmdline");
    }

    [Fact]
    [Scenario(133, "restart_new_emulator with heart")]
    public Task A_release_on_another_Midflight_restarts_the_node_which_goes_on_with_the_same_pid() => Scene.Play(Releases.Octochat("0.1.0"), async octochat =>
    {
        await octochat.Start();
        var pid = octochat.Node()!.Id;
        octochat.Deliver(await packages.OnLaterMidflight);

        var refusal = await octochat.Fail("upgrade", "0.2.0");
        Assert.Contains("carries Midflight 99.0.0", refusal, StringComparison.Ordinal);
        Assert.Contains("--restart", refusal, StringComparison.Ordinal);
        await Serves(octochat, 1);

        Assert.Contains("0.1.0 to 0.2.0: restarted", await octochat.Succeed("upgrade", "0.2.0", "--restart"), StringComparison.Ordinal);
        await Serves(octochat, 2);
        Assert.Equal(pid, octochat.Node()!.Id);
        Assert.Contains("midflight-99.0.0", CommandLine(octochat), StringComparison.Ordinal);
        Assert.Equal("0.2.0  permanent\n0.1.0  old\n", await octochat.Succeed("releases"));

        await octochat.Succeed("restart");
        Assert.Contains("midflight-99.0.0", CommandLine(octochat), StringComparison.Ordinal);
        await Serves(octochat, 2);

        await octochat.Succeed("downgrade", "0.1.0", "--restart");
        await Serves(octochat, 1);
        Assert.DoesNotContain("midflight-99.0.0", CommandLine(octochat), StringComparison.Ordinal);
        Assert.Equal("0.2.0  old\n0.1.0  permanent\n", await octochat.Succeed("releases"));
    });

    [Fact]
    [Scenario(131, "restart_emulator with heart")]
    public Task Without_a_commit_the_next_start_takes_the_release_before() => Scene.Play(Releases.Octochat("0.1.0"), async octochat =>
    {
        await octochat.Start();
        octochat.Deliver(await packages.RestartingLast);

        await octochat.Succeed("upgrade", "0.2.0", "--restart", "--no-commit");
        await Serves(octochat, 2);
        Assert.Equal("0.2.0  current\n0.1.0  permanent\n", await octochat.Succeed("releases"));
        await octochat.Succeed("restart");
        await Serves(octochat, 1);
        Assert.Equal("0.2.0  unpacked\n0.1.0  permanent\n", await octochat.Succeed("releases"));

        await octochat.Succeed("upgrade", "0.2.0", "--restart", "--no-commit");
        await octochat.Succeed("commit");
        await octochat.Succeed("restart");
        await Serves(octochat, 2);
    });

    [Fact]
    public Task A_release_that_does_not_start_is_rolled_back_and_the_upgrade_says_why() => Scene.Play(Releases.Octochat("0.1.0"), async octochat =>
    {
        await octochat.Start();
        var pid = octochat.Node()!.Id;
        octochat.Deliver(await packages.NotStarting);

        var why = await octochat.Fail("upgrade", "0.2.0", "--restart");
        Assert.Contains("Octochat.Missing", why, StringComparison.Ordinal);
        Assert.Contains("Rolled back: 0.1.0 is started again.", why, StringComparison.Ordinal);
        await Steps.Until("the old release serves", async () => (await octochat.Do("ping")).ExitCode == 0);
        await Serves(octochat, 1);
        Assert.Equal(pid, octochat.Node()!.Id);
        Assert.Equal("0.2.0  unpacked\n0.1.0  permanent\n", await octochat.Succeed("releases"));
    });

    [Fact]
    public Task A_runtime_that_does_not_run_is_rolled_back() => Scene.Play(Releases.Octochat("0.1.0"), async octochat =>
    {
        await octochat.Start();
        octochat.Deliver(await packages.NotRunning);

        Assert.Contains("restarted on 0.1.0", await octochat.Fail("upgrade", "0.2.0", "--restart"), StringComparison.Ordinal);
        await Serves(octochat, 1);
        Assert.Contains("Release 0.2.0 does not run here", File.ReadAllText(octochat.LogFile), StringComparison.Ordinal);
    });

    [Fact]
    public Task In_the_foreground_it_stays_the_same_process() => Scene.Play(Releases.Octochat("0.1.0"), async octochat =>
    {
        var foreground = octochat.Do("foreground");
        await Steps.Until("it serves", () => octochat.Node() is not null && File.Exists(Path.Combine(octochat.Root, "run", "control.sock")));
        octochat.Deliver(await packages.OnLaterMidflight);
        await octochat.Succeed("upgrade", "0.2.0", "--restart");
        await Serves(octochat, 2);
        Assert.False(foreground.IsCompleted);

        await octochat.Succeed("stop");
        Assert.Equal(0, (await foreground).ExitCode);
    });

    [Theory]
    [MemberData(nameof(KillSteps))]
    public Task A_node_killed_around_its_restart_starts_again_on_the_last_committed_release(bool isRuntimeNew, string step) => Scene.Play(
        Releases.Octochat("0.1.0"),
        async octochat =>
        {
            octochat.Deliver(await (isRuntimeNew ? packages.OnLaterMidflight : packages.RestartingLast));
            octochat.Set("MIDFLIGHT_HALT_AT", step);
            await octochat.Start();
            octochat.Set("MIDFLIGHT_HALT_AT", null);
            var upgrading = octochat.Do("upgrade", "0.2.0", "--restart");
            var halted = Path.Combine(octochat.Root, "run", "halted");
            await Steps.Until($"the node halts at {step}", () => File.Exists(halted) || upgrading.IsCompleted);
            Assert.True(File.Exists(halted), $"The upgrade did not pass {step}.");
            await octochat.Kill();
            File.Delete(halted);
            Assert.NotEqual(0, (await upgrading).ExitCode);

            var committed = FaultPoint.All.IndexOf(step) >= FaultPoint.All.IndexOf("commit:start-written");
            await octochat.Start();
            Assert.Equal(committed ? "permanent" : "unpacked", await octochat.StatusOf("0.2.0"));
            await Serves(octochat, committed ? 2 : 1);

            await octochat.Succeed(committed ? "downgrade" : "upgrade", committed ? "0.1.0" : "0.2.0", "--restart");
            await Serves(octochat, committed ? 1 : 2);
        },
        $"{isRuntimeNew}{step}");
}
