namespace EndToEnd.Tests;

[Trait("Category", "EndToEnd")]
public sealed class UpgradeTests
{
    [Fact]
    public Task Clients_notice_no_upgrade_and_no_downgrade() => Scene.Play(Releases.Octochat("0.1.0"), async octochat =>
    {
        await octochat.Start();
        var process = octochat.Node()!.Id;
        await using var crowd = await Crowd.Connect(octochat.Port, talking: 20, idle: 180);
        await crowd.Answers(1);

        var report = await octochat.Upgrade(await Releases.Octochat("0.2.0"));
        await crowd.Answers(2);
        Assert.Equal("hot with conversion", report.GetProperty("verdict").GetString());
        Assert.Equal("permanent", report.GetProperty("status").GetString());

        await octochat.Upgrade(await Releases.Octochat("0.3.0"));
        await crowd.Answers(3);

        await octochat.Succeed("downgrade", "0.1.0");
        await crowd.Answers(1);
        Assert.Equal(process, octochat.Node()!.Id);
        Assert.Equal("permanent", await octochat.StatusOf("0.1.0"));
        Assert.Equal("old", await octochat.StatusOf("0.3.0"));
    });

    [Fact]
    public Task State_survives_an_upgrade_and_a_restart_takes_the_committed_release() => Scene.Play(Releases.Octochat("0.2.0"), async octochat =>
    {
        await octochat.Start();
        await using var crowd = await Crowd.Connect(octochat.Port, talking: 0, idle: 3);
        var client = crowd.Connections[0];
        Assert.Equal("echo: one", await client.Ask("one"));
        Assert.Equal("echo: two", await client.Ask("two"));
        Assert.Equal("lines: 2", await client.Ask("?count"));

        // The count has another name in 0.3.0: a written conversion carries it over.
        await octochat.Upgrade(await Releases.Octochat("0.3.0"));
        Assert.Equal("echo: three", await client.Ask("three"));
        Assert.Equal("lines: 3", await client.Ask("?count"));

        await octochat.Succeed("restart");
        Assert.Equal("0.3.0", (await octochat.Status()).GetProperty("version").GetString());
        await using var later = await Crowd.Connect(octochat.Port, talking: 0, idle: 1);
        Assert.Equal("lines: 0", await later.Connections[0].Ask("?count"));
    });

    [Fact]
    public Task A_version_can_be_skipped() => Scene.Play(Releases.Octochat("0.1.0"), async octochat =>
    {
        await octochat.Start();
        await using var crowd = await Crowd.Connect(octochat.Port, talking: 0, idle: 20);

        // Planned on the node: 0.3.0 was built with a plan from 0.2.0 only, or none.
        var report = await octochat.Upgrade(await Releases.Octochat("0.3.0"));
        Assert.Equal("hot with conversion", report.GetProperty("verdict").GetString());
        await crowd.Answers(3);
    });

    [Fact]
    public Task A_child_that_the_new_version_adds_is_started_and_the_way_down_stops_it() => Scene.Play(Releases.Octochat("0.2.0"), async octochat =>
    {
        await octochat.Start();
        await using var crowd = await Crowd.Connect(octochat.Port, talking: 0, idle: 3);
        var (alice, bob, carol) = (crowd.Connections[0], crowd.Connections[1], crowd.Connections[2]);
        Assert.Equal("echo: /join lobby", await alice.Ask("/join lobby"));

        await octochat.Upgrade(await Releases.Octochat("0.3.0"));
        await alice.Ask("/join lobby");
        await bob.Ask("/join lobby");
        await carol.Ask("/join attic");
        Assert.Equal("said: hello", await alice.Ask("/say hello"));
        await Steps.Until("bob hears it", () => bob.Heard() is ["[lobby] hello"]);
        Assert.Empty(carol.Heard());
        Assert.Empty(alice.Heard());

        await octochat.Succeed("downgrade", "0.2.0");
        Assert.Equal("echo: /say hello", await alice.Ask("/say hello"));
        await crowd.Answers(2);
        Assert.Empty(bob.Heard());
    });

    [Fact]
    public Task Without_a_commit_a_restart_takes_the_release_before() => Scene.Play(Releases.Octochat("0.1.0"), async octochat =>
    {
        await octochat.Start();
        octochat.Deliver(await Releases.Octochat("0.2.0"));
        await octochat.Succeed("upgrade", "0.2.0", "--no-commit");
        await using (var crowd = await Crowd.Connect(octochat.Port, talking: 2, idle: 2))
        {
            await crowd.Answers(2);
        }

        Assert.Equal("current", await octochat.StatusOf("0.2.0"));
        Assert.Equal("permanent", await octochat.StatusOf("0.1.0"));

        await octochat.Kill();
        await octochat.Start();
        await using var again = await Crowd.Connect(octochat.Port, talking: 2, idle: 2);
        await again.Answers(1);
    });

    [Fact]
    public Task Connections_that_come_and_go_during_the_switch_disturb_nothing() => Scene.Play(Releases.Octochat("0.1.0"), async octochat =>
    {
        await octochat.Start();
        await using var crowd = await Crowd.Connect(octochat.Port, talking: 10, idle: 50);
        using var over = new CancellationTokenSource();
        var guests = Task.Run(async () =>
        {
            var count = 0;

            for (; !over.IsCancellationRequested; count++)
            {
                await using var guest = await Crowd.Connect(octochat.Port, talking: 2, idle: 2);
                await guest.Connections[3].Ask("hello");
                var seen = guest.Take();
                Assert.Equal((0, 0), (seen.Dropped, seen.Wrong));
            }

            return count;
        });

        await octochat.Upgrade(await Releases.Octochat("0.2.0"));
        await octochat.Upgrade(await Releases.Octochat("0.3.0"));
        await octochat.Succeed("downgrade", "0.1.0");
        await over.CancelAsync();
        Assert.True(await guests > 0);
        await crowd.Answers(1);
    });
}
