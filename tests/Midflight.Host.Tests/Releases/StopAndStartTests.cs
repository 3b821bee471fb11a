using Midflight.Releases;

namespace Midflight.Host.Tests;

/// <summary>The instructions stop and start: processes of a module begin anew in the new code, through their supervisors.</summary>
public sealed class StopAndStartTests
{
    // The state of a worker cannot be converted: it is text in the one version and a number in the other.
    private static (string, string) Tree(int version, string state, string first, string onStart = "") => ("demo", $$"""
        public sealed class Top : Supervisor
        {
            public static async Task<Pid> Begin() => await Start<Top>();

            protected override SupervisorSpec Init(object? argument) =>
                new(Strategy.OneForOne, [Child.Of<Worker>("a") with { Id = "a" }, Child.Of<Worker>("b") with { Id = "b" }, Child.Of<Other>()]);
        }

        public sealed class Crowd : DynamicSupervisor
        {
            public static async Task<Pid> Begin() => await Start<Crowd>();

            public static async Task<Pid> Add(Pid crowd) => await StartChild(crowd, Child.Of<Worker>("guest"));
        }

        public sealed class Worker : GenServer<Worker.Held>
        {
            public sealed record Held({{state}} Value, string Name);

            protected override Started<Held> Init(object? argument)
            {
                {{onStart}}
                return new Held({{first}}, (string)argument!);
            }

            protected override Answer<Held> HandleCall(object request, Held held) => Reply($"{{version}} {held.Name} {held.Value}", held);
        }

        public sealed class Other : GenServer<int>
        {
            protected override Started<int> Init(object? argument) => 0;

            protected override Answer<int> HandleCall(object request, int count) => Reply($"{{version}} {count}", count + 1);
        }
        """);

    private static readonly Instruction[] s_script =
    [
        new LowLevel.Stop(["Worker"]),
        new HighLevel.LoadModule("Worker"),
        new HighLevel.Update("Other"),
        new LowLevel.Start(["Worker"]),
    ];

    private static LowLevel.Apply Call(string function) => new(new FunctionCall("Demo", function, []));

    private static async Task<(Pid Top, Pid Crowd, Pid Guest)> Begin(ReleaseFolder folder)
    {
        var top = await (Task<Pid>)Hot.Call(folder.Node, "Top", "Begin")!;
        var crowd = await (Task<Pid>)Hot.Call(folder.Node, "Crowd", "Begin")!;
        return (top, crowd, await (Task<Pid>)Hot.Call(folder.Node, "Crowd", "Add", crowd)!);
    }

    private static async Task<string[]> Said(Pid supervisor, bool isDynamic = false)
    {
        var children = isDynamic ? await DynamicSupervisor.WhichChildren(supervisor) : await Supervisor.WhichChildren(supervisor);
        var said = new List<string>();

        foreach (var child in children)
        {
            said.Add(await GenServer.Call<string>(child.Pid, "say"));
        }

        return [.. said];
    }

    // OTP: children of a dynamic supervisor are left alone.
    [Fact]
    [Scenario(110, "stop and start instructions")]
    public async Task Processes_of_a_module_that_is_stopped_begin_anew_in_the_new_code_and_no_state_is_converted()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Tree(1, "string", "\"one\""));
        folder.Package("2", Tree(2, "int", "2"));
        await folder.Appup("2", "1", s_script, s_script);

        await folder.Node.Run(async () =>
        {
            var (top, crowd, guest) = await Begin(folder);
            Assert.Equal(["1 a one", "1 b one", "1 0"], await Said(top));
            var before = await Supervisor.WhichChildren(top);

            await folder.Handler.Install("2", InstallSettings.Default);
            Assert.Equal(["2 a 2", "2 b 2", "2 1"], await Said(top));
            Assert.Equal(["2 guest 2"], await Said(crowd, isDynamic: true));
            var after = await Supervisor.WhichChildren(top);
            Assert.Equal(before.Select(child => child.Id), after.Select(child => child.Id));
            Assert.False(before[0].Pid.IsAlive || before[1].Pid.IsAlive || guest.IsAlive);
            Assert.Equal(before[2].Pid, after[2].Pid);

            await folder.Handler.Install("1", InstallSettings.Default);
            Assert.Equal(["1 a one", "1 b one", "1 2"], await Said(top));
            Assert.Equal(["1 guest one"], await Said(crowd, isDynamic: true));
        });
    }

    [Fact]
    public async Task A_failure_behind_a_stop_starts_the_stopped_processes_again_in_the_old_code()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Tree(1, "string", "\"one\""));
        folder.Package("2", Tree(2, "int", "2"));
        await folder.Appup("2", "1", [s_script[0], Call("broken"), .. s_script[1..]], s_script);
        folder.Scripts.Broken = "broken";

        await folder.Node.Run(async () =>
        {
            var (top, crowd, _) = await Begin(folder);
            var failure = await Assert.ThrowsAsync<UpgradeFailedException>(() => folder.Handler.Install("2", InstallSettings.Default));
            Assert.EndsWith("Rolled back: 1 is still running.", failure.Message, StringComparison.Ordinal);
            Assert.Equal(["1 a one", "1 b one", "1 0"], await Said(top));
            Assert.Equal(["1 guest one"], await Said(crowd, isDynamic: true));
        });
    }

    [Fact]
    public async Task A_failure_behind_a_start_stops_the_new_processes_and_starts_the_old_code()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Tree(1, "string", "\"one\""));
        folder.Package("2", Tree(2, "int", "2"));
        await folder.Appup("2", "1", [.. s_script, Call("broken")], s_script);
        folder.Scripts.Broken = "broken";

        await folder.Node.Run(async () =>
        {
            var (top, crowd, _) = await Begin(folder);
            await Assert.ThrowsAsync<UpgradeFailedException>(() => folder.Handler.Install("2", InstallSettings.Default));
            Assert.Equal(["1 a one", "1 b one", "1 0"], await Said(top));
            Assert.Equal(["1 guest one"], await Said(crowd, isDynamic: true));
            Assert.Null(folder.Node.Code.Find("demo")!.Old);
        });
    }

    [Fact]
    public async Task A_process_that_does_not_start_again_fails_the_upgrade_and_is_named()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Tree(1, "string", "\"one\""));
        folder.Package("2", Tree(2, "int", "2", "if (argument is \"b\") throw new InvalidOperationException(\"There is no b.\");"));
        await folder.Appup("2", "1", s_script, s_script);

        await folder.Node.Run(async () =>
        {
            var (top, _, _) = await Begin(folder);
            var failure = await Assert.ThrowsAsync<UpgradeFailedException>(() => folder.Handler.Install("2", InstallSettings.Default));
            Assert.StartsWith("Top did not start its child 'b' again: ", failure.Message, StringComparison.Ordinal);
            Assert.Contains("There is no b.", failure.Message, StringComparison.Ordinal);
            Assert.Equal(["1 a one", "1 b one", "1 0"], await Said(top));
        });
    } // OTP starts the rest and says nothing

    [Fact]
    public async Task Processes_that_were_stopped_and_started_keep_no_old_code_in_memory()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Tree(1, "string", "\"one\""));
        folder.Package("2", Tree(2, "int", "2"));
        await folder.Appup("2", "1", s_script, s_script);

        await folder.Node.Run(async () =>
        {
            await Begin(folder);

            await folder.Handler.Install("2", InstallSettings.Default);
        });

        Assert.Equal(0, await Unloading(folder));
    }

    private static async Task<int> Unloading(ReleaseFolder folder)
    {
        for (var i = 0; i < 20 && folder.Handler.Old.Unloads.Waiting.Length > 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Yield();
        }

        return folder.Handler.Old.Unloads.Waiting.Length;
    }
}
