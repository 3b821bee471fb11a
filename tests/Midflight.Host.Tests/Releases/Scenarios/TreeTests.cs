using Midflight.Releases;

namespace Midflight.Host.Tests;

/// <summary>Scenarios of OTP: supervisors and their children in an upgrade.</summary>
public sealed class TreeTests
{
    private static string Child(string id, string more = "") => $$"""Child.Of<Worker>() with { Id = "{{id}}", Name = "{{id}}"{{more}} }""";

    private static (string, string) Tree(int version, string[] children, string strategy = "OneForOne") => Demo.Code(
        Demo.Application("Demo", "Top"), Demo.Supervisor("Top", children, strategy), Demo.Worker("Worker", version));

    private static async Task<string[]> Children() => [.. (await Supervisor.WhichChildren("top")).Select(child => $"{child.Id}{(child.Pid.IsAlive ? "" : " ended")}")];

    // OTP: a process is found by the modules list of its child specification, so one outside the supervision trees gets the new code
    // without its code change, and so does one whose specification names another module.
    [Fact]
    [Scenario(103, "Processes outside the supervision trees")]
    [Scenario(104, "The modules list of the child specification")]
    public async Task Every_process_that_runs_the_module_changes_code_supervised_or_not()
    {
        await using var scene = await Scene.Of(Demo.Lone(1), Demo.Lone(2));

        await scene.Run(async () =>
        {
            var free = await GenServer.Start(scene.Folder.Node.Module("W1"));
            await scene.Install("2");
            Assert.Equal("2 (1 fresh)", await GenServer.Call<string>(free, "state"));
            Assert.Equal("2 (1 fresh)", await Scene.State("w1"));
        });
    }

    [Fact]
    [Scenario(114, "Supervisor update: a child specification changes")]
    public async Task A_changed_specification_counts_at_the_next_restart_of_a_child_that_goes_on_meanwhile()
    {
        await using var scene = await Scene.Of(
            Tree(1, [Child("a"), Child("b")]),
            Tree(2, [Child("a", ", Restart = Restart.Temporary"), Child("b")]));

        await scene.Run(async () =>
        {
            var a = Process.WhereIs("a")!.Value;
            await scene.Install("2");
            Assert.Equal(a, Process.WhereIs("a"));
            Assert.Equal("2 (1 fresh)", await Scene.State("a"));

            var monitor = Process.Monitor(a);
            Process.Exit(a, ExitReason.Kill);
            await Process.Receive<Down>(down => down.Ref == monitor);
            Assert.Equal(["b"], await Children());
        });
    }

    // OTP: the child with the new id is known and not started, the other stays for good.
    [Fact]
    [Scenario(115, "Supervisor update: a child changes its id")]
    public async Task A_child_with_another_id_is_another_child()
    {
        await using var scene = await Scene.Of(Tree(1, [Child("a")]), Tree(2, [Child("one")]));

        await scene.Run(async () =>
        {
            var a = Process.WhereIs("a")!.Value;
            await scene.Install("2");
            Assert.Equal(["one"], await Children());
            Assert.False(a.IsAlive);
            Assert.Equal("2 fresh", await Scene.State("one"));

            await scene.Install("1");
            Assert.Equal(["a"], await Children());
        });
    }

    // OTP lists the last first.
    [Fact]
    [Scenario(116, "Supervisor update: the order changes")]
    public async Task The_order_of_children_follows_the_new_Init()
    {
        await using var scene = await Scene.Of(Tree(1, [Child("a"), Child("b"), Child("c")]), Tree(2, [Child("c"), Child("a"), Child("b")]));

        await scene.Run(async () =>
        {
            var a = Process.WhereIs("a");
            await scene.Install("2");
            Assert.Equal(["c", "a", "b"], await Children());
            Assert.Equal(a, Process.WhereIs("a"));
            await scene.Install("1");
            Assert.Equal(["a", "b", "c"], await Children());
        });
    }

    // OTP: found only where the specification says modules => [w1].
    [Fact]
    [Scenario(118, "simple_one_for_one children")]
    public async Task Children_of_a_dynamic_supervisor_are_all_changed_and_those_to_come_start_in_the_new_code()
    {
        const string Crowd = """
            public sealed class Crowd : DynamicSupervisor
            {
                protected override DynamicSupervisorSpec Init(object? argument) => new();

                public static async Task<Pid> Add() => await StartChild("crowd", Child.Of<W1>());
            }
            """;
        static (string, string) Release(int version) => Demo.Tree(["Crowd"], Crowd, Demo.Worker("W1", version));
        await using var scene = await Scene.Of(Release(1), Release(2));

        async Task<Pid> Add() => await (Task<Pid>)Hot.Call(scene.Folder.Node, "Crowd", "Add")!;

        await scene.Run(async () =>
        {
            Pid[] three = [await Add(), await Add(), await Add()];
            await scene.Install("2");

            foreach (var child in three)
            {
                Assert.Equal("2 (1 fresh)", await GenServer.Call<string>(child, "state"));
            }

            Assert.Equal("2 fresh", await GenServer.Call<string>(await Add(), "state"));
        });
    }

    // OTP: the update of the supervisor alone starts and stops nothing, so the recipe calls supervisor:restart_child after it.
    [Fact]
    [Scenario(119, "Starting an added child, ending a dropped one")]
    public async Task An_added_child_starts_and_a_dropped_one_ends_with_the_update_of_the_supervisor()
    {
        await using var scene = await Scene.Of(Tree(1, [Child("a")]), Tree(2, [Child("a"), Child("b")]));

        await scene.Run(async () =>
        {
            await scene.Install("2");
            Assert.Equal(["a", "b"], await Children());
            await scene.Install("1");
            Assert.Equal(["a"], await Children());
        });
    }

    // OTP: meeting a suspended supervisor while the trees are searched is a failure, and the node restarts.
    [Fact]
    [Scenario(120, "A supervisor suspended while its children are searched")]
    public async Task Processes_below_a_suspended_supervisor_are_found()
    {
        await using var scene = await Scene.Of(Demo.Lone(1), Demo.Lone(2));
        LowLevel[] script =
        [
            new LowLevel.PointOfNoReturn(), Scene.Suspend("Top"), Scene.Suspend("W1"), new LowLevel.Load("W1"), Scene.Change("W1"), new LowLevel.Resume(["W1", "Top"]),
        ];
        await scene.Folder.Relup("2", "1", script, script);

        await scene.Run(async () =>
        {
            await scene.Install("2");
            Assert.Equal("2 (1 fresh)", await Scene.State("w1"));
            Assert.Equal(["W1"], await Children());
        });
    }

    [Fact]
    [Scenario(121, "A supervisor and its worker in one component")]
    public async Task A_supervisor_and_its_worker_change_together()
    {
        static (string, string) Release(int version, string strategy) =>
            Demo.Code(Demo.Application("Demo", "Top"), Demo.Supervisor("Top", ["W1"], strategy), Demo.Worker("W1", version));
        await using var scene = await Scene.Of(Release(1, "OneForOne"), Release(2, "OneForAll"));
        HighLevel[] appup = [Scene.Advanced("W1", "x", "Top"), HighLevel.Update.Supervisor("Top")];
        await scene.Folder.Appup("2", "1", appup, appup);

        await scene.Run(async () =>
        {
            Assert.Equal(["suspend W1 Top", "load Top", "load W1", "code_change up W1 Top", "resume Top W1"], scene.Script("2"));
            await scene.Install("2");
            Assert.Equal("2 (1 fresh)", await Scene.State("w1"));
            Assert.Equal(
                ["suspend W1 Top", "code_change down W1", "load W1", "load Top", "code_change down Top", "resume Top W1"], scene.Script("1"));
            await scene.Install("1");
            Assert.Equal((1, "2 (2 (1 fresh))"), (await Scene.Version("w1"), await Scene.State("w1")));
        });
    }

    // OTP: suspend_timeout given to install_release wins over the instruction's, and a worker that is late is skipped.
    [Fact]
    [Scenario(102, "The timeout named in the update instruction")]
    public async Task The_time_that_an_update_names_wins_over_that_of_the_install()
    {
        const string Busy = """
            public static Task Occupy()
            {
                // Not linked to the process that carries the script out, which ends.
                Process.Spawn(async () => await GenServer.Call<string>("w1", "wait", Timeout.InfiniteTimeSpan));
                return Task.Run(Waits.Wait);
            }
            """;
        await using var scene = await Scene.Of(Demo.Lone(1, more: Busy), Demo.Lone(2, more: Busy));

        // Busy from the rehearsal on.
        LowLevel[] script =
        [
            Scene.Apply("W1", "Occupy"), new LowLevel.PointOfNoReturn(), new LowLevel.Suspend([new("W1", new SuspendTimeout.After(300))]), new LowLevel.Load("W1"),
        ];
        await scene.Folder.Relup("2", "1", script, script);

        await scene.Run(async () =>
        {
            var module = scene.Folder.Node.Module("W1");
            var failing = scene.Fails("2", Scene.Uncommitted with { SuspendTimeout = TimeSpan.FromMinutes(1) });
            await Task.Run(((ManualResetEventSlim)module.GetField("Waits")!.GetValue(null)!).Wait);

            while (!failing.IsCompleted)
            {
                scene.Folder.Node.Time.Advance(TimeSpan.FromMilliseconds(300));
                await Task.Yield();
            }

            ((ManualResetEventSlim)module.GetField("Gate")!.GetValue(null)!).Set();
            Assert.Contains("did not suspend within 300 ms", await failing, StringComparison.Ordinal);
            Assert.Equal("1 fresh", await Scene.State("w1"));
        });
    }
}
