using System.Globalization;
using System.Text.Json;

namespace EndToEnd.Tests;

[Trait("Category", "EndToEnd")]
public sealed class VerbTests
{
    [Fact]
    public Task Each_verb_says_what_it_did() => Scene.Play(Releases.Octochat("0.1.0"), async octochat =>
    {
        Assert.Contains("octochat 0.1.0", await octochat.Succeed("version"), StringComparison.Ordinal);
        Assert.Equal("0.1.0  unpacked\n", await octochat.Succeed("releases"));

        Assert.StartsWith("octochat 0.1.0 is running as process ", await octochat.Succeed("start"), StringComparison.Ordinal);
        Assert.Equal("pong\n", await octochat.Succeed("ping"));
        Assert.Equal(octochat.Node()!.Id.ToString(CultureInfo.InvariantCulture) + "\n", await octochat.Succeed("pid"));
        Assert.Contains("octochat 0.1.0 (permanent), process ", await octochat.Succeed("status"), StringComparison.Ordinal);

        octochat.Deliver(await Releases.Octochat("0.2.0"));
        Assert.Equal("octochat 0.2.0 is unpacked.\n", await octochat.Succeed("unpack", "0.2.0"));
        Assert.Equal("0.2.0  unpacked\n0.1.0  permanent\n", await octochat.Succeed("releases"));

        Assert.Contains("0.1.0 to 0.2.0: hot with conversion", await octochat.Succeed("check", "0.2.0"), StringComparison.Ordinal);
        var check = JsonDocument.Parse(await octochat.Succeed("check", "0.2.0", "--json")).RootElement;
        Assert.Contains(check.GetProperty("changes").EnumerateArray(), change => change.TryGetProperty("module", out var module) && module.GetString() == "Octochat.Echo");

        Assert.Contains("0.1.0 to 0.2.0: hot with conversion", await octochat.Succeed("upgrade", "0.2.0", "--no-commit"), StringComparison.Ordinal);
        Assert.Equal("0.2.0  current\n0.1.0  permanent\n", await octochat.Succeed("releases"));
        Assert.EndsWith("octochat 0.2.0 is permanent.\n", await octochat.Succeed("commit"), StringComparison.Ordinal);
        Assert.Equal("0.2.0  permanent\n0.1.0  old\n", await octochat.Succeed("releases"));

        Assert.Contains("0.2.0 to 0.1.0: ", await octochat.Succeed("downgrade", "0.1.0"), StringComparison.Ordinal);
        Assert.Equal("octochat 0.2.0 is removed.\n", await octochat.Succeed("remove", "0.2.0"));
        Assert.Equal("0.1.0  permanent\n", await octochat.Succeed("releases"));
        Assert.False(Directory.Exists(Path.Combine(octochat.Root, "lib", "octochat-0.2.0")));

        Assert.Equal("true\n", await octochat.Succeed("eval", "WhereIs(\"servers\") is not null"));
        var remote = await octochat.Tell("var x = 40;\nx + 2\nexit()\n", "remote");
        Assert.Equal((0, ""), (remote.ExitCode, remote.Errors));
        Assert.Contains("42", remote.Output, StringComparison.Ordinal);

        var before = octochat.Node()!.Id;
        await octochat.Succeed("restart");
        Assert.NotEqual(before, octochat.Node()!.Id);
        Assert.StartsWith("octochat has stopped (process ", await octochat.Succeed("stop"), StringComparison.Ordinal);
        Assert.Null(octochat.Node());
    });

    [Fact]
    public Task In_the_foreground_it_serves_until_it_is_told_to_stop() => Scene.Play(Releases.Octochat("0.1.0"), async octochat =>
    {
        var foreground = octochat.Do("foreground");
        await Steps.Until("it serves", () => octochat.Node() is not null && File.Exists(Path.Combine(octochat.Root, "run", "control.sock")));
        Assert.Equal("pong\n", await octochat.Succeed("ping"));
        await octochat.Succeed("stop");

        var result = await foreground;
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("octochat 0.1.0 is ready", result.Output, StringComparison.Ordinal);
    });

    [Fact]
    public Task What_a_user_does_wrong_is_told_with_what_to_do_and_changes_nothing() => Scene.Play(Releases.Octochat("0.1.0"), async octochat =>
    {
        foreach (var verb in (string[][])[["stop"], ["ping"], ["pid"], ["status"], ["upgrade", "0.2.0"], ["commit"], ["downgrade", "0.1.0"]])
        {
            Assert.Contains("start", await octochat.Fail(verb), StringComparison.Ordinal);
        }

        await octochat.Start();
        Assert.Contains("running", await octochat.Fail("start"), StringComparison.Ordinal);
        Assert.Equal("Release 0.1.0 is already running. There is nothing to do.", await octochat.Fail("upgrade", "0.1.0"));
        Assert.Equal("There is no release 9.9.9 here, only 0.1.0. Unpack it first with `unpack 9.9.9`.", await octochat.Fail("upgrade", "9.9.9"));
        Assert.Contains("octochat-9.9.9.tar.gz", await octochat.Fail("unpack", "9.9.9"), StringComparison.Ordinal);
        Assert.Equal("Release 0.1.0 is permanent, so it cannot be removed. Commit another release first.", await octochat.Fail("remove", "0.1.0"));

        octochat.Deliver(await Releases.Octochat("0.2.0"));
        await octochat.Succeed("unpack", "0.2.0");
        Assert.Contains("0.2.0", await octochat.Fail("unpack", "0.2.0"), StringComparison.Ordinal);
        Assert.Equal(
            "Release 0.2.0 is unpacked, so it cannot be committed. Install it first with `upgrade 0.2.0 --no-commit`.",
            await octochat.Fail("commit", "0.2.0"));

        Assert.Contains("CS0103", await octochat.Fail("eval", "nonsense"), StringComparison.Ordinal);
        Assert.Contains("no such thing", await octochat.Fail("eval", "throw new InvalidOperationException(\"no such thing\")"), StringComparison.Ordinal);

        foreach (var wrong in (string[][])[["nonsense"], ["upgrade"], ["upgrade", "0.2.0", "--probation", "-1"], ["status", "surplus"]])
        {
            var result = await octochat.Do(wrong);
            Assert.NotEqual(0, result.ExitCode);
            Assert.NotEmpty(result.Errors.Trim());
        }

        var failed = await octochat.Do("upgrade", "0.1.0", "--json");
        Assert.Equal(1, failed.ExitCode);
        Assert.Equal(
            "Release 0.1.0 is already running. There is nothing to do.",
            JsonDocument.Parse(failed.Output).RootElement.GetProperty("error").GetProperty("message").GetString());
        Assert.Equal("pong\n", await octochat.Succeed("ping"));
    });
}
