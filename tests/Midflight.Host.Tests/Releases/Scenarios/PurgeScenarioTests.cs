using Midflight.Releases;

namespace Midflight.Host.Tests;

/// <summary>Scenarios of OTP: what becomes of processes in old code.</summary>
public sealed class PurgeScenarioTests
{
    // A process function of W1 that stays in its version until it is told to move, and tells which that is.
    private static string Staying(int version) => Demo.Worker("W1", version, more: """
        public static async ProcessTask<Next> Stay(Pid test)
        {
            while (true)
            {
                var message = await Process.Receive();

                if (message is "move")
                {
                    return Next.Current(Stay, test);
                }

                Process.Send(test, Version);
            }
        }
        """);

    private static (string, string) Release(int version) => Demo.Tree(["W1"], Staying(version));

    private static LowLevel[] Load(PurgeMethod before, PurgeMethod after) => [new LowLevel.PointOfNoReturn(), new LowLevel.Load("W1", before, after)];

    private static async Task<Scene> Of(PurgeMethod before, PurgeMethod after, int releases = 3)
    {
        var scene = await Scene.Of([.. Enumerable.Range(1, releases).Select(Release)]);

        for (var i = 2; i <= releases; i++)
        {
            await scene.Folder.Relup($"{i}", $"{i - 1}", Load(before, after), Load(before, after));
        }

        return scene;
    }

    private static async Task<int> In(Pid process)
    {
        Process.Send(process, "where");
        return (int)await Process.Receive(message => message is int);
    }

    private static bool HasOld(Scene scene) => scene.Folder.Node.Code.Find("demo")!.Old is not null;

    [Fact]
    [Scenario(94, "soft_purge before: old code in use")]
    public async Task Old_code_in_use_refuses_an_upgrade_that_purges_softly_until_its_process_has_moved_on()
    {
        await using var scene = await Of(PurgeMethod.Soft, PurgeMethod.Soft);

        await scene.Run(async () =>
        {
            var stays = Hot.Spawn(scene.Folder.Node, "W1", "Stay", Process.Self);
            Assert.Equal(1, await In(stays));
            await scene.Install("2");
            Assert.StartsWith("demo has old code that is still run by", await Scene.Refused(() => scene.Handler.Check("3")), StringComparison.Ordinal);
            Assert.StartsWith("demo has old code that is still run by", await Scene.Refused(() => scene.Install("3")), StringComparison.Ordinal);
            Assert.Equal(1, await In(stays));
            Assert.Equal("3:unpacked 2:current 1:permanent", scene.Statuses);

            Process.Send(stays, "move");
            Assert.Equal(2, await In(stays));
            await scene.Install("3");
            Assert.Equal((2, 3), (await In(stays), await Scene.Version("w1")));
        });
    }

    [Fact]
    [Scenario(95, "brutal_purge before: old code in use")]
    public async Task Old_code_in_use_is_ended_by_an_upgrade_that_purges_brutally_and_not_by_its_check()
    {
        await using var scene = await Of(PurgeMethod.Brutal, PurgeMethod.Soft);

        await scene.Run(async () =>
        {
            var stays = Hot.Spawn(scene.Folder.Node, "W1", "Stay", Process.Self);
            Assert.Equal(1, await In(stays));
            await scene.Install("2");
            await scene.Handler.Check("3");
            Assert.Equal(1, await In(stays));
            await scene.Install("3");
            Assert.False(stays.IsAlive);
            Assert.Equal(3, await Scene.Version("w1"));
        });
    }

    // OTP: only with the option `purge`.
    [Fact]
    [Scenario(96, "check_install_release with the purge option")]
    public async Task A_check_purges_old_code_that_nobody_uses_and_ends_nobody()
    {
        await using var scene = await Of(PurgeMethod.Brutal, PurgeMethod.Soft);

        await scene.Run(async () =>
        {
            await scene.Install("2");
            Assert.True(HasOld(scene));
            await scene.Handler.Check("3");
            Assert.False(HasOld(scene));
        });
    }

    [Theory]
    [Scenario(97, "PostPurge: soft_purge against brutal_purge")]
    [InlineData(PurgeMethod.Soft, true)]
    [InlineData(PurgeMethod.Brutal, false)]
    public async Task A_commit_ends_processes_in_old_code_only_where_the_script_says_brutal_and_an_install_never(PurgeMethod after, bool lives)
    {
        await using var scene = await Of(PurgeMethod.Soft, after, 2);

        await scene.Run(async () =>
        {
            var stays = Hot.Spawn(scene.Folder.Node, "W1", "Stay", Process.Self);
            Assert.Equal(1, await In(stays));
            await scene.Install("2");
            Assert.Equal(1, await In(stays));
            var notes = await scene.Handler.Commit(null);
            Assert.Equal(lives, stays.IsAlive);
            Assert.Contains(lives ? "The old code of demo stays loaded" : "were ended", Assert.Single(notes), StringComparison.Ordinal);
        });
    }

    // OTP: release_handler tries the soft purge again every ten seconds.
    [Fact]
    [Scenario(98, "The purge timer")]
    public async Task Old_code_that_was_in_use_at_the_commit_goes_ten_seconds_after_its_process_has_moved_on()
    {
        await using var scene = await Of(PurgeMethod.Soft, PurgeMethod.Soft, 2);

        await scene.Run(async () =>
        {
            var stays = Hot.Spawn(scene.Folder.Node, "W1", "Stay", Process.Self);
            Assert.Equal(1, await In(stays));
            await scene.Handler.Install("2", InstallSettings.Default);
            Assert.True(HasOld(scene));
            Process.Send(stays, "move");
            Assert.Equal(2, await In(stays));
            Assert.True(HasOld(scene));

            while (HasOld(scene))
            {
                scene.Folder.Node.Time.Advance(TimeSpan.FromSeconds(10));
                await Task.Yield();
            }

            Assert.Equal(2, await In(stays));
        });
    }

    [Fact]
    public async Task Old_code_is_not_purged_by_time_as_long_as_an_upgrade_may_go_back_to_it()
    {
        await using var scene = await Of(PurgeMethod.Soft, PurgeMethod.Soft);

        await scene.Run(async () =>
        {
            var stays = Hot.Spawn(scene.Folder.Node, "W1", "Stay", Process.Self);
            Assert.Equal(1, await In(stays));
            await scene.Handler.Install("2", InstallSettings.Default);
            Process.Send(stays, "move");
            Assert.Equal(2, await In(stays));
            await scene.Install("3");
            Process.Send(stays, "move");
            Assert.Equal(3, await In(stays));

            for (var i = 0; i < 10; i++)
            {
                scene.Folder.Node.Time.Advance(TimeSpan.FromSeconds(10));
                await Task.Yield();
            }

            Assert.True(HasOld(scene));
            await scene.Handler.Commit(null);
            Assert.False(HasOld(scene));
        });
    }

    // OTP: right behind the load. Midflight keeps it until the commit, to go back to.
    [Theory]
    [Scenario(99, "PostPurge with unused old code")]
    [InlineData(PurgeMethod.Soft)]
    [InlineData(PurgeMethod.Brutal)]
    public async Task Unused_old_code_goes_with_the_commit(PurgeMethod after)
    {
        await using var scene = await Of(PurgeMethod.Soft, after, 2);
        await scene.Install("2");
        Assert.True(HasOld(scene));
        Assert.Empty(await scene.Handler.Commit(null));
        Assert.False(HasOld(scene));
    }

    // OTP: the process is killed at once, by the script. Here its version stays until the commit, to go back to.
    [Fact]
    [Scenario(100, "delete_module with a process inside")]
    public async Task A_process_in_a_deleted_module_is_ended_by_the_commit_and_the_module_comes_back_going_down()
    {
        static (string, string) Release(int version, bool has) => Demo.Tree(
            ["W1"], Demo.Worker("W1", version), has ? Staying(version).Replace("W1", "W9", StringComparison.Ordinal) : "");
        await using var scene = await Scene.Of(Release(1, true), Release(2, false));

        await scene.Run(async () =>
        {
            var stays = Hot.Spawn(scene.Folder.Node, "W9", "Stay", Process.Self);
            Assert.Equal(1, await In(stays));
            await scene.Handler.Install("2", InstallSettings.Default);
            Assert.False(stays.IsAlive);
            Assert.Null(scene.Folder.Node.Code.FindModule("W9"));
            await scene.Handler.Install("1", InstallSettings.Default);
            Assert.NotNull(scene.Folder.Node.Code.FindModule("W9"));
        });
    }

    // OTP: killed by the load of the second upgrade; its worker gets the exit signal.
    [Fact]
    [Scenario(111, "Helper processes of a worker")]
    public async Task A_helper_that_stays_in_old_code_outlives_one_upgrade_and_is_ended_by_the_next()
    {
        await using var scene = await Scene.Of(Release(1), Release(2), Release(3));

        await scene.Run(async () =>
        {
            var worker = Process.WhereIs("w1")!.Value;
            var test = Process.Self;
            var helper = default(Pid);
            await Sys.ReplaceState("w1", state =>
            {
                Process.TrapExits = true;
                helper = Hot.Spawn(scene.Folder.Node, "W1", "Stay", test);
                Process.Link(helper);
                return state;
            });

            await scene.Install("2");
            Assert.Equal(1, await In(helper));
            await scene.Install("3");
            Assert.False(helper.IsAlive);
            Assert.Equal((worker, 3), (Process.WhereIs("w1")!.Value, await Scene.Version("w1")));
            Assert.Contains(await Scene.Journal(), line => line.StartsWith("W1 ", StringComparison.Ordinal) && line.Contains(" info Exit", StringComparison.Ordinal));
        });
    }
}
