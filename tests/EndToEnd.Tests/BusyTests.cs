using System.Globalization;

namespace EndToEnd.Tests;

/// <summary>
/// Upgrades of servers that await one another all the time, with 10,000 values in nested collections and 50 clients whose every line awaits them: none fails, no client
/// notices, and all is kept. See tests/fixtures/README.md.
/// </summary>
[Trait("Category", "EndToEnd")]
public sealed class BusyTests
{
    private const string Old = "1.0.0";
    private const string New = "1.1.0";

    [Fact]
    public Task Busy_servers_that_await_one_another_go_up_and_down_and_keep_all_they_hold() =>
        Play(rounds: 1, _ => [Conversion, Loss]);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Two_hundred_upgrades_and_downgrades_under_full_load_lose_nothing() => Play(rounds: 100, _ => []);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Nor_do_they_with_upgrades_in_between_that_fail() => Play(rounds: 100, round => round % 20 == 0
        ? [Conversion, CodeChange, Child, Loading, Suspend, Probation]
        : round % 2 == 0 ? [Conversion, CodeChange, Child] : []);

    private static Task Play(int rounds, Func<int, IEnumerable<Func<Busy, Task>>> failures, [System.Runtime.CompilerServices.CallerMemberName] string test = "") => Scene.Play(
        Releases.Lab(Old),
        async lab =>
        {
            lab.Set("LAB_USERS", "8");
            lab.Set("LAB_EXTRA", Path.Combine(lab.Root, "no-extra"));
            await lab.Start();
            await using var crowd = await Crowd.Connect(lab.Port, talking: 50, idle: 5);
            var busy = new Busy(lab, crowd, await crowd.Connections[^1].Ask("?vault"));
            lab.Deliver(await Releases.Lab(New));
            await lab.Succeed("unpack", New);

            for (var round = 1; round <= rounds; round++)
            {
                foreach (var fail in failures(round))
                {
                    await fail(busy);
                    await busy.Serves(1);
                }

                // Every other time all stand still together, although they await one another.
                string[] how = round % 2 == 0 ? ["--together"] : [];
                await lab.Succeed(["upgrade", New, .. how]);
                await busy.Serves(2);
                await lab.Succeed(["downgrade", Old, .. how]);
                await busy.Serves(1);
            }
        },
        test: test);

    private static async Task Conversion(Busy busy)
    {
        await busy.Client.Ask("fuse conversion");
        await busy.Fails("The fuse of the conversion is blown");
        await busy.Client.Ask("fuse none");
    }

    // The new release has no place for the note of a value. Allowed once, it goes; the way down brings back an empty one.
    private static async Task Loss(Busy busy)
    {
        Assert.Equal("noted: True", await busy.Client.Ask("note keep me"));

        foreach (var verb in (string[])["check", "upgrade"])
        {
            var refused = await busy.Lab.Fail(verb, New);
            Assert.Contains("Fields.Note is gone, and 1 value", refused, StringComparison.Ordinal);
            Assert.Contains("\"keep me\"", refused, StringComparison.Ordinal);
            Assert.Contains("[Dropped(\"Note\")]", refused, StringComparison.Ordinal);
            Assert.Contains("--allow-loss", refused, StringComparison.Ordinal);
        }

        await busy.Serves(1);
        await busy.Lab.Succeed("check", New, "--allow-loss");
        await busy.Serves(1);
        await busy.Lab.Succeed("upgrade", New, "--allow-loss");
        await busy.Serves(2);
        await busy.Lab.Succeed("downgrade", Old);
    }

    private static async Task CodeChange(Busy busy)
    {
        await busy.Client.Ask("fuse code change");
        await busy.Fails("The fuse of the code change is blown");
        await busy.Client.Ask("fuse none");
    }

    private static async Task Child(Busy busy)
    {
        var file = Path.Combine(busy.Lab.Root, "no-extra");
        File.WriteAllText(file, "");
        await busy.Fails("Extra");
        File.Delete(file);
    }

    private static async Task Loading(Busy busy)
    {
        var file = Path.Combine(busy.Lab.Root, "lib", $"lab-{New}", "Lab.dll");
        var code = File.ReadAllBytes(file);
        File.WriteAllText(file, "no assembly");
        await busy.Fails($"lab-{New}");
        File.WriteAllBytes(file, code);
    }

    private static async Task Suspend(Busy busy)
    {
        var file = Path.Combine(busy.Lab.Root, "block");
        File.WriteAllText(file, "");
        var blocked = busy.Client.Ask($"block {file}", TimeSpan.FromMinutes(1));
        await busy.Fails("Lab.Session");
        File.Delete(file);
        Assert.Equal("unblocked", await blocked);
    }

    private static async Task Probation(Busy busy)
    {
        await using var victims = await Crowd.Connect(busy.Lab.Port, talking: 0, idle: 10);
        var upgrading = busy.Lab.Do("upgrade", New, "--probation", "60");

        foreach (var victim in victims.Connections)
        {
            // Asked until it is the new code that answers, and crashes then.
            while (!upgrading.IsCompleted && await victim.Ask("?version") != "version: 2")
            {
            }

            if (upgrading.IsCompleted)
            {
                break;
            }

            await Assert.ThrowsAsync<IOException>(() => victim.Ask("crash"));
        }

        var result = await upgrading;
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("did not pass its probation", result.Errors, StringComparison.Ordinal);
    }

    private sealed class Busy(Installation lab, Crowd crowd, string held)
    {
        private long _lines;

        public Installation Lab => lab;

        /// <summary>One that does not talk by itself.</summary>
        public Connection Client => crowd.Connections[^2];

        public async Task Fails(string why) => Assert.Contains(why, await lab.Fail("upgrade", New), StringComparison.Ordinal);

        /// <summary>All clients are answered by one version, none was dropped, and what the servers hold is what they held.</summary>
        public async Task Serves(int version)
        {
            await crowd.Answers(version);
            Assert.Equal(held, await crowd.Connections[^1].Ask("?vault"));
            var lines = long.Parse((await crowd.Connections[0].Ask("?count")).Split(' ')[1], CultureInfo.InvariantCulture);
            Assert.True(lines >= _lines, $"The first client had {_lines} lines and has {lines}.");
            _lines = lines;
        }
    }
}
