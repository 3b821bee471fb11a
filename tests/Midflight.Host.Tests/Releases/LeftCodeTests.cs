using System.Runtime.Loader;
using Midflight.Releases;

namespace Midflight.Host.Tests;

/// <summary>What an upgrade does with code that it does not name: applications loaded again with others, modules that have not changed, applications that are dropped.</summary>
public sealed class LeftCodeTests
{
    private static readonly InstallSettings s_noCommit = new() { Commit = false };

    // Its server changes with each version; its words do not, but for one that only release 1 has.
    private static (string, string) Base(int version, bool hasFirst = true) => ("base", $$"""
        public sealed class Counter : GenServer<int>
        {
            public static async Task<Pid> Begin() => await Start<Counter>();

            protected override Started<int> Init(object? argument) => 0;

            protected override Answer<int> HandleCall(object request, int state) => request is "crash" ? throw new InvalidOperationException("asked to") : Reply({{version}}, state);
        }

        public static class Words
        {
            public static string Same() => "same";

            {{(hasFirst ? "public static string First() => \"first\";" : "")}}
        }

        {{Staying("BaseLoop", "\"same\"")}}
        """);

    // A process function that stays in its version until it is told to move.
    private static string Staying(string module, string word) => $$"""
        public static class {{module}}
        {
            public static async ProcessTask<Next> Stay(Pid test)
            {
                while (true)
                {
                    if (await Process.Receive() is "move")
                    {
                        return Next.Current(Stay, test);
                    }

                    Process.Send(test, {{word}});
                }
            }
        }
        """;

    private static (string, string) User(string name = "user 1.0", string word = "Words.Same()") =>
        (name, Staying($"{char.ToUpperInvariant(name[0])}{name.Split(' ')[0][1..]}Loop", word));

    private static ReleaseFolder Folder() => new() { Uses = { ["user"] = ["base"], ["other"] = ["base", "user"] } };

    private static async Task<string> Answer(Pid process)
    {
        Process.Send(process, "say");
        return (string)await Process.Receive(message => message is string);
    }

    private static async Task<int> Version(Pid counter) => await GenServer.Call<int>(counter, "version");

    private static string Code(ReleaseFolder folder, string application) =>
        folder.Node.Code.Find(application) is { } found ? $"{found.Current?.ToString() ?? "-"}, {found.Old?.ToString() ?? "-"}" : "never";

    [Fact]
    public async Task Old_code_of_an_application_that_is_only_loaded_again_with_another_stands_against_the_next_upgrade_and_its_process_lives()
    {
        await using var folder = Folder();
        await folder.Start("1", Base(1), User());
        folder.Package("2", Base(2), User());
        folder.Package("3", Base(3), User());

        await folder.Node.Run(async () =>
        {
            var counter = await ReleaseHandlerTests.Begin(folder);
            var stays = Hot.Spawn(folder.Node, "UserLoop", "Stay", Process.Self);
            Assert.Equal("same", await Answer(stays));
            var report = await folder.Handler.Install("2", InstallSettings.Default);
            Assert.Contains("The old code of user stays loaded", string.Join(' ', report.Notes), StringComparison.Ordinal);

            var refused = await Assert.ThrowsAsync<ReleaseRefusedException>(() => folder.Handler.Install("3", InstallSettings.Default));
            Assert.StartsWith($"base has old code that is still run by {stays}. ", refused.Message, StringComparison.Ordinal);
            Assert.Equal(("same", 2), (await Answer(stays), await Version(counter)));

            Process.Send(stays, "move");
            Assert.Equal("same", await Answer(stays));
            await folder.Handler.Install("3", InstallSettings.Default);
            Assert.Equal(("same", 3), (await Answer(stays), await Version(counter)));
        });
    }

    // OTP would not load the module at all.
    [Fact]
    public async Task A_process_whose_module_has_not_changed_outlives_the_commit_and_its_code_goes_when_it_has_moved_on()
    {
        await using var folder = Folder();
        await folder.Start("1", Base(1));
        folder.Package("2", Base(2));

        await folder.Node.Run(async () =>
        {
            var stays = Hot.Spawn(folder.Node, "BaseLoop", "Stay", Process.Self);
            Assert.Equal("same", await Answer(stays));
            var report = await folder.Handler.Install("2", InstallSettings.Default);
            Assert.StartsWith($"The old code of base stays loaded because it is still in use: {stays} ", Assert.Single(report.Notes), StringComparison.Ordinal);
            Assert.Equal("same", await Answer(stays));

            Process.Send(stays, "move");
            Assert.Equal("same", await Answer(stays));

            while (folder.Node.Code.Find("base")!.Old is not null)
            {
                folder.Node.Time.Advance(TimeSpan.FromSeconds(10));
                await Task.Yield();
            }

            Assert.Equal("same", await Answer(stays));
        });
    }

    [Fact]
    public async Task A_switch_that_fails_before_the_new_code_is_current_unloads_it()
    {
        await using var folder = Folder();
        folder.Scripts.Broken = "boom";
        await folder.Start("1", ("solitary", Base(1).Item2));
        folder.Package("2", ("solitary", Base(2).Item2));
        await folder.Relup("2", "1", [Scene.Apply("script", "boom"), new LowLevel.PointOfNoReturn(), new LowLevel.Load("Counter")], []);

        var unloaded = false;

        var failure = await Assert.ThrowsAsync<UpgradeFailedException>(() => folder.Handler.Install("2", InstallSettings.Default, (phase, _) =>
        {
            if (phase == UpgradePhase.Switching)
            {
                // No other test has an application of this name.
                AssemblyLoadContext.All.Single(context => context.Name == "solitary 2 (#2)").Unloading += _ => unloaded = true;
            }
        }));

        Assert.EndsWith("Rolled back: 1 is still running.", failure.Message, StringComparison.Ordinal);
        Assert.Equal("solitary 1 (#1), -", Code(folder, "solitary"));
        Assert.True(unloaded);
    }

    [Fact]
    public async Task A_dropped_application_does_not_have_to_fit_the_new_code_and_goes_with_the_commit()
    {
        await using var folder = Folder();
        await folder.Start("1", Base(1), User(word: "Words.First()"), ("other 1.0", "public static class Other { public static object First() => (Words.First(), typeof(UserLoop)); }"));
        folder.Package("2", Base(2, hasFirst: false));

        await folder.Node.Run(async () =>
        {
            var stays = Hot.Spawn(folder.Node, "UserLoop", "Stay", Process.Self);
            Assert.Equal("first", await Answer(stays));
            await folder.Handler.Install("2", s_noCommit);
            Assert.Equal("first", await Answer(stays));
            Assert.Equal("user 1.0 (#1), -", Code(folder, "user"));

            var notes = await folder.Handler.Commit(null);
            Assert.False(stays.IsAlive);
            Assert.Contains("1 processes that still ran the old code of", string.Join(' ', notes), StringComparison.Ordinal);
            Assert.Equal(("base 2 (#2), -", "-, -", "-, -"), (Code(folder, "base"), Code(folder, "user"), Code(folder, "other")));
        });
    }

    [Fact]
    public async Task An_application_that_an_uncommitted_release_has_dropped_goes_with_the_commit_of_the_next()
    {
        await using var folder = Folder();
        await folder.Start("1", Base(1), User());
        folder.Package("2", Base(2));
        folder.Package("3", Base(3));

        await folder.Handler.Install("2", s_noCommit);
        await folder.Handler.Install("3", InstallSettings.Default);

        Assert.Equal(("base 3 (#3), -", "-, -"), (Code(folder, "base"), Code(folder, "user")));
    }

    [Fact]
    public async Task A_release_that_is_rolled_back_leaves_the_uncommitted_one_before_to_be_committed_as_if_nothing_had_been()
    {
        await using var folder = Folder();
        await folder.Start("1", Base(1), User());
        folder.Package("2", Base(2));
        folder.Package("3", Base(3));

        await folder.Node.Run(async () =>
        {
            await folder.Handler.Install("2", s_noCommit);
            var counter = await ReleaseHandlerTests.Begin(folder);
            var serves = new TaskCompletionSource();
            var install = folder.Handler.Install("3", new InstallSettings { Probation = TimeSpan.FromMinutes(1), MostCrashes = 0 }, (phase, _) =>
            {
                if (phase == UpgradePhase.OnProbation)
                {
                    serves.SetResult();
                }
            });
            await serves.Task;
            var stays = Hot.Spawn(folder.Node, "BaseLoop", "Stay", Process.Self);
            Assert.Equal("same", await Answer(stays));
            await Assert.ThrowsAsync<CallFailedException>(async () => await GenServer.Call<int>(counter, "crash"));
            var failure = await Assert.ThrowsAsync<UpgradeFailedException>(() => install);
            Assert.Contains($" 1 processes that ran the new code of base were ended: {stays} ", failure.Message, StringComparison.Ordinal);
            Assert.False(stays.IsAlive);
            Assert.Equal(("2", "user 1.0 (#1), -"), (folder.Handler.Running, Code(folder, "user")));

            await folder.Handler.Commit(null);
            Assert.Equal(("base 2 (#2), -", "-, -"), (Code(folder, "base"), Code(folder, "user")));
        });
    }

    [Fact]
    public async Task An_action_waits_for_a_purge_of_old_code_that_is_under_way()
    {
        await using var folder = Folder();
        await folder.Start("1", Base(1));
        folder.Package("2", Base(2));
        folder.Package("3", Base(3));

        await folder.Node.Run(async () =>
        {
            var (entered, gate) = (new ManualResetEventSlim(), new ManualResetEventSlim());
            var stays = Hot.Spawn(folder.Node, "BaseLoop", "Stay", Process.Self);
            Assert.Equal("same", await Answer(stays));
            await folder.Handler.Install("2", InstallSettings.Default);

            folder.Node.Code.Purging += () =>
            {
                entered.Set();
                gate.Wait();
            };
            Process.Send(stays, "move");
            Assert.Equal("same", await Answer(stays));
            var purging = Task.Run(() => folder.Node.Time.Advance(TimeSpan.FromSeconds(10)));
            await Task.Run(entered.Wait);

            var check = folder.Handler.Check("3");
            Assert.False(check.IsCompleted);
            gate.Set();
            await check;
            await purging;
            Assert.Equal("base 2 (#2), -", Code(folder, "base"));
        });
    }
}
