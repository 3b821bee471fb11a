using Midflight.Host.Evaluation;
using Midflight.Releases;

namespace Midflight.Host.Tests;

/// <summary>The way back, where something fails on it too: after a failed switch and after a failed probation.</summary>
public sealed class WayBackTests
{
    // Processes of it end as soon as they are told anything.
    private const string Crasher = """
        public sealed class Crasher : GenServer<int>
        {
            protected override Started<int> Init(object? argument) => 0;

            protected override Answer<int> HandleCast(object message, int state) => throw new InvalidOperationException("It is broken.");
        }

        """;

    private const string Refuses = """throw new InvalidOperationException("I do not take it.");""";

    private static (string, string) Crashing(int version, string onConfigChange = "") => Demo.Code(
        Demo.Application("Demo", "Top", onConfigChange: onConfigChange), Demo.Supervisor("Top", ["W1", "W2"]), Demo.Worker("W1", version), Demo.Worker("W2", version), Crasher);

    private static string[] Running(Scene scene) => [.. scene.Folder.Node.Node.Applications.Running.Select(running => $"{running.Name} {running.Version}")];

    private static ManualResetEventSlim Event(Scene scene, string name) =>
        (ManualResetEventSlim)scene.Folder.Node.Module("W1").GetField(name)!.GetValue(null)!;

    /// <summary>Installs 2, and lets a process of it crash in its probation.</summary>
    /// <param name="scene">Whose modules have the Crasher.</param>
    /// <param name="meanwhile">Done in between.</param>
    /// <param name="isStuck">Whether time has to pass until the way back fails.</param>
    private static async Task<string> FailsProbation(Scene scene, Func<Task>? meanwhile = null, bool isStuck = false)
    {
        var phases = new Dictionary<UpgradePhase, TaskCompletionSource>
        {
            [UpgradePhase.OnProbation] = new(TaskCreationOptions.RunContinuationsAsynchronously),
            [UpgradePhase.RollingBack] = new(TaskCreationOptions.RunContinuationsAsynchronously),
        };
        var settings = new InstallSettings { Probation = TimeSpan.FromMinutes(1), MostCrashes = 0 };
        var failing = Assert.ThrowsAsync<UpgradeFailedException>(
            () => scene.Handler.Install("2", settings, (phase, _) => phases.GetValueOrDefault(phase)?.SetResult()));

        await phases[UpgradePhase.OnProbation].Task;
        await (meanwhile?.Invoke() ?? Task.CompletedTask);
        GenServer.Cast(await GenServer.Start(scene.Folder.Node.Module("Crasher")), "crash");
        await phases[UpgradePhase.RollingBack].Task;

        while (isStuck && !failing.IsCompleted)
        {
            scene.Folder.Node.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        return (await failing).Message;
    }

    [Fact]
    public async Task An_application_that_the_script_started_may_have_ended_when_it_is_to_be_stopped_again()
    {
        const string Ends = """((Action)AppContext.GetData("the migration ends")!)(); throw new InvalidOperationException("refused");""";
        await using var scene = await Scene.Of(
            [[Demo.Lone(1)], [Demo.Lone(2, Ends), Demo.Other("migration")]], folder => folder.Types["migration"] = StartType.Temporary);
        var applications = scene.Folder.Node.Node.Applications;
        AppContext.SetData("the migration ends", () =>
        {
            Process.Exit(Process.WhereIs("migrationTop")!.Value, ExitReason.Kill);
            SpinWait.SpinUntil(() => applications.Definition("migration") is null);
        });

        await scene.Run(async () =>
        {
            Assert.EndsWith("(W1) failed: refused. Fix it and rebuild the release. Rolled back: 1 is still running.", await scene.Fails("2"), StringComparison.Ordinal);
            Assert.False((await Sys.GetStatus("w1")).IsSuspended);
            Assert.Equal((1, "1 fresh"), (await Scene.Version("w1"), await Scene.State("w1")));
            Assert.Equal(["demo 1"], Running(scene));
            Assert.Equal(UpgradePhase.Ended, scene.Handler.LastUpgrade!.Phase);
        });
    }

    [Fact]
    public async Task What_cannot_be_undone_is_told_and_all_else_is_undone()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", ReleaseHandlerTests.Counter(1));
        folder.Package("2", ReleaseHandlerTests.Counter(2));
        folder.Scripts.Undo = () => throw new InvalidOperationException("There is no undo.");
        folder.Scripts.Broken = "broken";
        await folder.Relup(
            "2",
            "1",
            [new LowLevel.PointOfNoReturn(), Scene.Apply("Demo", "first"), Scene.Suspend("Counter"), new LowLevel.Load("Counter"), Scene.Apply("Demo", "broken")],
            []);

        await folder.Node.Run(async () =>
        {
            var counter = await ReleaseHandlerTests.Begin(folder);
            var failure = await Assert.ThrowsAsync<UpgradeFailedException>(() => folder.Handler.Install("2", InstallSettings.Default));
            Assert.EndsWith("Rolled back: 1 is still running. There is no undo.", failure.Message, StringComparison.Ordinal);
            Assert.Equal(1, await GenServer.Call<int>(counter, "version"));
            Assert.Null(folder.Node.Code.Find("demo")!.Old);
        });
    }

    [Fact]
    public async Task An_application_that_does_not_take_its_old_configuration_back_keeps_no_other_from_it()
    {
        static (string, string) Stubborn(int version) => ("stubborn", Demo.Code(
            Demo.Application("Stubborn", "StubbornTop", onConfigChange: Refuses), Demo.Supervisor("StubbornTop", ["Worker"]), Demo.Worker("Worker", version)).Item2);
        await using var scene = await Scene.Of(
            [[Demo.Lone(1), Stubborn(1)], [Demo.Lone(2), Stubborn(2)]],
            folder => folder.Configurations["2"] = """{"demo": {"k": 2}, "stubborn": {"k": 2}}""");

        await scene.Run(async () =>
        {
            Assert.Equal(
                "The new configuration was not accepted: I do not take it. stubborn did not accept its old configuration: I do not take it. "
                + "Fix it and rebuild the release. Rolled back: 1 is still running.",
                await scene.Fails("2"));
            Assert.Equal(["demo 1", "stubborn 1"], Running(scene));
            Assert.Empty(scene.Folder.Node.Node.Applications.Definition("demo")!.Environment);
            Assert.Equal((1, "1 fresh"), (await Scene.Version("w1"), await Scene.State("w1")));
        });
    }

    [Fact]
    public async Task A_failed_probation_brings_dropped_applications_and_the_configuration_back()
    {
        await using var scene = await Scene.Of(
            [[Crashing(1), Demo.Other("old")], [Crashing(2)]], folder => folder.Configurations["2"] = """{"demo": {"k": 2}}""");

        await scene.Run(async () =>
        {
            var failure = await FailsProbation(scene, async () =>
            {
                Assert.Equal(["demo 2"], Running(scene));
                Assert.Contains("Demo config_change [] [k=2] []", await Scene.Journal());
            });

            Assert.StartsWith("Release 2 did not pass its probation: ", failure, StringComparison.Ordinal);
            Assert.EndsWith(" Rolled back: 1 is still running.", failure, StringComparison.Ordinal);
            Assert.Equal("2:unpacked 1:permanent", scene.Statuses);
            Assert.Equal(["demo 1", "old 1"], Running(scene).Order(StringComparer.Ordinal));
            Assert.Empty(scene.Folder.Node.Node.Applications.Definition("demo")!.Environment);
            Assert.Contains("Demo config_change [] [] [k]", await Scene.Journal());
            Assert.Equal((1, "1 fresh"), (await Scene.Version("w1"), await Scene.State("w1")));
            Assert.Equal("1 fresh", await Scene.State("oldWorker"));
        });
    }

    [Fact]
    public async Task A_way_back_that_fails_ahead_of_the_old_code_leaves_the_new_release_serving_and_can_be_tried_again()
    {
        await using var scene = await Scene.Of(Crashing(1), Crashing(2));

        await scene.Run(async () =>
        {
            var worker = Process.WhereIs("w1");
            var gate = Event(scene, "Gate");
            var failure = await FailsProbation(scene, async () =>
            {
                gate = Event(scene, "Gate");
                Process.Spawn(async () => await GenServer.Call<string>("w1", "wait", Timeout.InfiniteTimeSpan));
                await Task.Run(Event(scene, "Waits").Wait);
            }, isStuck: true);

            Assert.EndsWith(
                $" The rollback failed: Process {worker} (W1) did not suspend within 5000 ms. Look at what its callback waits for, or give it more time with the "
                + "timeout of the update instruction. So 2 is still running, but not committed. Go back with `downgrade 1`, or restart the node: it starts 1.",
                failure,
                StringComparison.Ordinal);
            Assert.Equal("2:current 1:permanent", scene.Statuses);
            Assert.Null(scene.Folder.End);
            Assert.Equal((2, "2 (1 fresh)"), (await Scene.Version("w2"), await Scene.State("w2")));

            gate.Set();
            await scene.Install("1");
            Assert.Equal("2:old 1:permanent", scene.Statuses);
            Assert.Equal((1, "2 (2 (1 fresh))"), (await Scene.Version("w1"), await Scene.State("w1")));
        });
    }

    [Fact]
    public async Task A_way_back_that_fails_behind_it_restarts_the_node_on_the_permanent_release_and_nothing_stays_suspended()
    {
        await using var scene = await Scene.Of(
            [[Crashing(1, Refuses)], [Crashing(2)]], folder => folder.Configurations["2"] = """{"demo": {"k": 2}}""");

        await scene.Run(async () =>
        {
            var failure = await FailsProbation(scene);
            Assert.EndsWith("I do not take it. Fix it and rebuild the release. So the node restarts with 1.", failure, StringComparison.Ordinal);
            Assert.Equal(new NodeEnd.StartOver(), scene.Folder.End);
            Assert.Equal(failure, scene.Handler.LastUpgrade!.Outcome);
            Assert.False((await Sys.GetStatus("w1")).IsSuspended || (await Sys.GetStatus("top")).IsSuspended);
            Assert.Equal(1, await Scene.Version("w1"));
            Assert.Contains("busy", await Scene.Refused(() => scene.Install("2")), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Nothing_is_loaded_in_a_shell_while_an_upgrade_may_need_the_old_code()
    {
        await using var scene = await Scene.Of(Crashing(1), Crashing(2));
        var shells = new ShellServer(scene.Folder.Node.Node, scene.Folder.Node.Code, scene.Handler.Alone);
        var third = Compile.Assembly("demo", Crashing(3).Item2, "3");
        var load = new LoadRequest("demo", third.Bytes, third.Symbols!, Moves: true);

        await scene.Run(async () =>
        {
            var failure = await FailsProbation(scene, async () =>
                Assert.Equal("The release handler is busy: installing 2. Try again when that is done.", (await shells.Load(load)).Refusal));
            Assert.EndsWith(" Rolled back: 1 is still running.", failure, StringComparison.Ordinal);

            Assert.Null((await shells.Load(load)).Refusal);
            Assert.Equal(3, await Scene.Version("w1"));
        });
    }

    private static string Caller(string name, string timeout = "") => $$"""
        public sealed class {{name}} : GenServer<string>
        {
            protected override async ValueTask<Started<string>> InitAsync(object? argument)
            {
                Journal.Say("{{name}} asks");
                return await Call<string>("w1", "state"{{timeout}});
            }

            protected override Answer<string> HandleCall(object request, string state) => Reply(state, state);
        }

        """;

    [Fact]
    public async Task A_child_that_is_brought_back_may_call_its_siblings()
    {
        await using var scene = await Scene.Of(
            Demo.Tree(["W1", "Asker"], Demo.Worker("W1", 1), Caller("Asker")),
            Demo.Tree(["W1"], Demo.Worker("W1", 2, Refuses), Caller("Asker")));

        await scene.Run(async () =>
        {
            await Scene.Journal();
            Assert.EndsWith("Rolled back: 1 is still running.", await scene.Fails("2"), StringComparison.Ordinal);
            Assert.Equal("1 fresh", await Scene.State("asker"));
            Assert.Equal(["W1", "Asker"], (await Supervisor.WhichChildren("top")).Select(child => child.Id));
        });
    }

    [Theory]
    [InlineData(true, "Top did not start its new child 'Asker': ")]
    [InlineData(false, "some did not start or stop within 60 s. Look at what their Init and Terminate wait for. ")]
    public async Task An_added_child_that_waits_for_who_changes_its_code_fails_the_upgrade_which_says_what_to_do(bool givesUp, string problem)
    {
        await using var scene = await Scene.Of(
            Demo.Tree(["W1"], Demo.Worker("W1", 1), Caller("Asker", givesUp ? "" : ", Timeout.InfiniteTimeSpan")),
            Demo.Tree(["W1", "Asker"], Demo.Worker("W1", 2), Caller("Asker", givesUp ? "" : ", Timeout.InfiniteTimeSpan")));

        await scene.Run(async () =>
        {
            var failing = scene.Fails("2");
            await Process.Receive<string>(line => line == "Asker asks");

            // Until it waits.
            while (Process.WhereIs("asker") is not { Cell.Rests: true })
            {
                await Task.Yield();
            }

            scene.Folder.Node.Time.Advance(TimeSpan.FromSeconds(5));

            while (!givesUp && !failing.IsCompleted)
            {
                scene.Folder.Node.Time.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
            }

            var failure = await failing;
            Assert.Contains($"(Top) could not be changed: {problem}", failure, StringComparison.Ordinal);
            Assert.Contains("return Continue from Init, and wait for others in HandleContinueAsync.", failure, StringComparison.Ordinal);
            Assert.Equal(["W1"], (await Supervisor.WhichChildren("top")).Select(child => child.Id));
            Assert.Equal((1, "1 fresh"), (await Scene.Version("w1"), await Scene.State("w1")));
        });
    }
}
