namespace EndToEnd.Tests;

[Trait("Category", "EndToEnd")]
public sealed class FailureTests
{
    [Fact]
    public Task A_code_change_that_throws_leaves_everything_as_before() => Fails(
        async client => await client.Ask("fuse code change"), "Lab.Session", "The fuse of the code change is blown");

    [Fact]
    public Task A_conversion_that_throws_leaves_everything_as_before() => Fails(
        async client => await client.Ask("fuse conversion"), "Lab.Session", "The fuse of the conversion is blown");

    [Fact]
    public Task A_new_child_that_does_not_start_leaves_everything_as_before() => Fails(
        _ => Task.CompletedTask, "Lab.LabSupervisor", "Extra", ("LAB_EXTRA", "fail"));

    [Fact]
    public Task A_process_that_does_not_suspend_in_time_leaves_everything_as_before() => Scene.Play(Releases.Lab("1.0.0"), async lab =>
    {
        await lab.Start();
        await using var crowd = await Crowd.Connect(lab.Port, talking: 5, idle: 20);
        var file = Path.Combine(lab.Root, "block");
        File.WriteAllText(file, "");
        lab.Deliver(await Releases.Lab("1.1.0"));

        // It is answered when the upgrade has given it up, however long that takes.
        var blocked = crowd.Connections[10].Ask($"block {file}", TimeSpan.FromMinutes(1));

        var sentence = await lab.Fail("upgrade", "1.1.0");
        File.Delete(file);
        Assert.Contains("Lab.Session", sentence, StringComparison.Ordinal);
        Assert.Contains("did not finish its message within", sentence, StringComparison.Ordinal);
        Assert.Equal("unblocked", await blocked);
        await crowd.Answers(1);

        await lab.Succeed("upgrade", "1.1.0");
        await crowd.Answers(2);
    });

    [Fact]
    public Task A_new_version_that_does_not_load_leaves_everything_as_before() => Scene.Play(Releases.Lab("1.0.0"), async lab =>
    {
        await lab.Start();
        await using var crowd = await Crowd.Connect(lab.Port, talking: 5, idle: 20);
        lab.Deliver(await Releases.Lab("1.1.0"));
        await lab.Succeed("unpack", "1.1.0");
        File.WriteAllText(Path.Combine(lab.Root, "lib", "lab-1.1.0", "Lab.dll"), "no assembly");

        Assert.Contains("lab-1.1.0", await lab.Fail("upgrade", "1.1.0"), StringComparison.Ordinal);
        await crowd.Answers(1);
        Assert.Equal("unpacked", await lab.StatusOf("1.1.0"));
    });

    [Fact]
    public Task New_code_that_crashes_in_its_probation_is_rolled_back_by_itself() => Scene.Play(Releases.Lab("1.0.0"), async lab =>
    {
        await lab.Start();
        await using var crowd = await Crowd.Connect(lab.Port, talking: 5, idle: 20);
        await using var victims = await Crowd.Connect(lab.Port, talking: 0, idle: 10);
        lab.Deliver(await Releases.Lab("1.1.0"));
        var upgrading = lab.Do("upgrade", "1.1.0", "--probation", "60");

        foreach (var victim in victims.Connections)
        {
            // Asked until it is the new code that answers, and crashes then.
            while (await victim.Ask("?version") != "version: 2" && !upgrading.IsCompleted)
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
        await crowd.Answers(1);
        Assert.Equal("permanent", await lab.StatusOf("1.0.0"));
    });

    private static Task Fails(Func<Connection, Task> prepare, string culprit, string why, params (string Name, string Value)[] environment) =>
        Scene.Play(
            Releases.Lab("1.0.0"),
            async lab =>
            {
                foreach (var (name, value) in environment)
                {
                    lab.Set(name, value);
                }

                await lab.Start();
                await using var crowd = await Crowd.Connect(lab.Port, talking: 5, idle: 20);
                var client = crowd.Connections[10];
                await client.Ask("one");
                await client.Ask("two");
                await prepare(client);
                lab.Deliver(await Releases.Lab("1.1.0"));

                var sentence = await lab.Fail("upgrade", "1.1.0");
                Assert.Contains(culprit, sentence, StringComparison.Ordinal);
                Assert.Contains(why, sentence, StringComparison.Ordinal);
                await crowd.Answers(1);
                Assert.Equal("lines: 2", await client.Ask("?count"));
                Assert.Equal("permanent", await lab.StatusOf("1.0.0"));
                Assert.Equal("unpacked", await lab.StatusOf("1.1.0"));

                // The fuse was the only fault.
                if (environment.Length == 0)
                {
                    await client.Ask("fuse none");
                    await lab.Succeed("upgrade", "1.1.0");
                    await crowd.Answers(2);
                    Assert.Equal("lines: 2", await client.Ask("?count"));
                }
            },
            why);
}
