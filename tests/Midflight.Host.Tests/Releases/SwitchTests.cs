using Midflight.Releases;
using Midflight.Releases.Packages;

namespace Midflight.Host.Tests;

/// <summary>An upgrade is a transaction: what fails leaves everything as it was, and what happens meanwhile disturbs nothing.</summary>
public sealed class SwitchTests
{
    private static (string, string) Server(string body, string state = "public sealed record State(int Count);") => ("demo", $$"""
        {{state}}

        public sealed class Counter : GenServer<State>
        {
            public static async Task<Pid> Begin() => await Start<Counter>();

            protected override Started<State> Init(object? argument) => new State(0);

            {{body}}
        }
        """);

    private const string Answers = """
        protected override Answer<State> HandleCall(object request, State state) => request switch
        {
            "version" => Reply(VERSION, state),
            "wait" => Reply(Waited(), state),
            _ => Reply(state.Count + 1, state with { Count = state.Count + 1 }),
        };

        public static readonly ManualResetEventSlim Entered = new();
        public static readonly ManualResetEventSlim Gate = new();
        private static int Waited() { Entered.Set(); Gate.Wait(); return 0; }
        """;

    private static string At(int version, string more = "") => Answers.Replace("VERSION", $"{version}", StringComparison.Ordinal) + more;

    private static async Task Untouched(ReleaseFolder folder, Pid counter, int count)
    {
        Assert.Equal(1, await GenServer.Call<int>(counter, "version"));
        Assert.Equal(count + 1, await GenServer.Call<int>(counter, "add"));
        Assert.Equal("1", folder.Handler.Running);
        Assert.Null(folder.Node.Code.Find("demo")!.Old);
    }

    // OTP: the node restarts from the permanent release.
    [Fact]
    [Scenario(81, "code_change crashes")]
    public async Task A_CodeChange_that_throws_rolls_everything_back_and_is_named()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Server(At(1)));
        folder.Package("2", Server(At(2, """
            protected override State CodeChange(OldVsn from, State state, object? extra) =>
                state.Count == 3 ? throw new InvalidOperationException("Three is refused.") : state with { Count = 100 };
            """)));

        await folder.Node.Run(async () =>
        {
            var counters = new List<Pid>();

            for (var i = 0; i < 5; i++)
            {
                counters.Add(await ReleaseHandlerTests.Begin(folder));
                await Sys.ReplaceState(counters[i], state => Activator.CreateInstance(state!.GetType(), i));
            }

            var failure = await Assert.ThrowsAsync<UpgradeFailedException>(() => folder.Handler.Install("2", InstallSettings.Default));
            Assert.Equal(
                $"The code change of process {counters[3]} (Counter) failed: Three is refused. Fix it and rebuild the release. Rolled back: 1 is still running.",
                failure.Message);

            for (var i = 0; i < 5; i++)
            {
                await Untouched(folder, counters[i], i);
            }
        });
    }

    [Fact]
    public async Task A_written_conversion_that_throws_for_one_state_is_found_by_the_rehearsal_before_anything_changes()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Server(At(1)));
        folder.Package("2", Server(At(2), """
            public sealed record State(int Count, string Label = "")
            {
                [Shape("1")] public sealed record V1(int Count);
                [Convert] static State From(V1 old) => old.Count == 1 ? throw new InvalidOperationException("One is odd.") : new(old.Count, "from 1");
                [Convert] static V1 Back(State now) => new(now.Count);
            }
            """));

        await folder.Node.Run(async () =>
        {
            var even = await ReleaseHandlerTests.Begin(folder);
            var odd = await ReleaseHandlerTests.Begin(folder);
            await GenServer.Call<int>(odd, "add");
            var refused = await Assert.ThrowsAsync<ReleaseRefusedException>(() => folder.Handler.Install("2", InstallSettings.Default));
            Assert.Contains($"The state of process {odd} (Counter) cannot be converted", refused.Message, StringComparison.Ordinal);
            Assert.Contains("One is odd", refused.Message, StringComparison.Ordinal);
            await Untouched(folder, odd, 1);
            await Untouched(folder, even, 0);
        });
    }

    // It alone waits for what .NET compiles for the first.
    [Fact]
    public async Task The_rehearsal_begins_with_the_process_that_has_had_the_least_to_do()
    {
        const int Idlest = 7;
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Server(At(1)));
        folder.Package("2", Server(At(2), """
            public sealed record State(int Count, string Label = "")
            {
                [Shape("1")] public sealed record V1(int Count);
                [Convert] static V1 Back(State now) => new(now.Count);
                public static int First = -1;

                [Convert] static State From(V1 old)
                {
                    Interlocked.CompareExchange(ref First, old.Count, -1);
                    return new(old.Count);
                }
            }
            """));

        await folder.Node.Run(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                var counter = await ReleaseHandlerTests.Begin(folder);
                await Sys.ReplaceState(counter, state => Activator.CreateInstance(state!.GetType(), i));

                if (i != Idlest)
                {
                    await GenServer.Call<int>(counter, "version");
                }
            }

            await folder.Handler.Install("2", InstallSettings.Default);
            Assert.Equal(Idlest, folder.Node.Module("State").GetField("First")!.GetValue(null));
        });
    }

    [Fact]
    public async Task A_process_in_the_middle_of_a_callback_is_waited_for_and_then_upgraded()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Server(At(1)));
        folder.Package("2", Server(At(2), "public sealed record State(int Count, int More = 0);"));

        await folder.Node.Run(async () =>
        {
            var counter = await ReleaseHandlerTests.Begin(folder);
            var module = folder.Node.Module("Counter");
            var entered = (ManualResetEventSlim)module.GetField("Entered")!.GetValue(null)!;
            var gate = (ManualResetEventSlim)module.GetField("Gate")!.GetValue(null)!;
            var waiting = Process.SpawnMonitor(async () => await GenServer.Call<int>(counter, "wait", Timeout.InfiniteTimeSpan));
            await Task.Run(entered.Wait);

            // The rehearsal waits for the process to come between two messages.
            var install = folder.Handler.Install("2", InstallSettings.Default);
            gate.Set();
            await install;
            Assert.Equal(ExitReason.Normal, (await Process.Receive<Down>(down => down.Ref == waiting.Monitor)).Reason);
            Assert.Equal(2, await GenServer.Call<int>(counter, "version"));
        });
    }

    // OTP: the worker is skipped without an error, and has its old state in the new code (5.5 s).
    [Fact]
    [Scenario(101, "A worker that does not answer suspend in time")]
    public async Task A_process_that_does_not_suspend_in_time_fails_the_switch_is_named_and_goes_on()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Server(At(1)));

        await folder.Node.Run(async () =>
        {
            var counter = await ReleaseHandlerTests.Begin(folder);
            var module = folder.Node.Module("Counter");
            var gate = (ManualResetEventSlim)module.GetField("Gate")!.GetValue(null)!;
            var waiting = Process.SpawnMonitor(async () => await GenServer.Call<int>(counter, "wait", Timeout.InfiniteTimeSpan));
            await Task.Run(((ManualResetEventSlim)module.GetField("Entered")!.GetValue(null)!).Wait);

            var (name, source) = Server(At(2));
            var flip = new PreparedFlip(folder.Node.Code, (await folder.Node.Code.Prepare([Compile.Application(name, source, "2")])).OrThrow());
            var run = new Switch(
                folder.Node.Node,
                flip,
                [new LowLevel.PointOfNoReturn(), new LowLevel.Suspend([new("Counter", SuspendTimeout.Default)]), new LowLevel.Load("Counter")],
                TimeSpan.FromSeconds(5),
                Timeout.InfiniteTimeSpan,
                folder.Scripts);
            var running = run.Run();
            folder.Node.Time.Advance(TimeSpan.FromSeconds(6));
            var failure = await Assert.ThrowsAsync<SwitchFailedException>(() => running);
            Assert.Equal(
                $"Process {counter} (Counter) did not suspend within 5000 ms. Look at what its callback waits for, or give it more time with the timeout of the update instruction.",
                failure.Message);

            Assert.Empty(await run.PutBack());
            gate.Set();
            Assert.Equal(ExitReason.Normal, (await Process.Receive<Down>(down => down.Ref == waiting.Monitor)).Reason);
            Assert.Equal(1, await GenServer.Call<int>(counter, "version"));
            Assert.False((await Sys.GetStatus(counter)).IsSuspended);
        });
    }

    // OTP: the added child is known and not started, the dropped one goes on.
    [Fact]
    [Scenario(112, "Supervisor update: a child is added")]
    [Scenario(113, "Supervisor update: a child is dropped")]
    public async Task Children_that_a_supervisor_gains_are_started_and_those_it_loses_are_stopped_both_ways()
    {
        static (string, string) Tree(int version, params string[] children) => ("demo", $$"""
            public sealed class Top : Supervisor
            {
                public static async Task<Pid> Begin() => await Start<Top>();

                protected override SupervisorSpec Init(object? argument) =>
                    new(Strategy.OneForOne, [{{string.Join(", ", children.Select(child => $"Child.Of<Worker>(\"{child}\") with {{ Id = \"{child}\" }}"))}}]);
            }

            public sealed class Worker : GenServer<string>
            {
                protected override Started<string> Init(object? argument) => (string)argument!;

                protected override Answer<string> HandleCall(object request, string state) => Reply({{version}}, state);
            }
            """);

        await using var folder = new ReleaseFolder();
        await folder.Start("1", Tree(1, "a", "b"));
        folder.Package("2", Tree(2, "a", "c"));

        await folder.Node.Run(async () =>
        {
            var top = await (Task<Pid>)Hot.Call(folder.Node, "Top", "Begin")!;
            var a = (await Supervisor.WhichChildren(top)).First(child => child.Id == "a").Pid;

            await folder.Handler.Install("2", InstallSettings.Default);
            var children = await Supervisor.WhichChildren(top);
            Assert.Equal(["a", "c"], children.Select(child => child.Id));
            Assert.All(children, child => Assert.True(child.Pid.IsAlive));
            Assert.Equal(a, children[0].Pid);
            Assert.Equal(2, await GenServer.Call<int>(a, "version"));

            await folder.Handler.Install("1", InstallSettings.Default);
            children = await Supervisor.WhichChildren(top);
            Assert.Equal(["a", "b"], children.Select(child => child.Id));
            Assert.All(children, child => Assert.True(child.Pid.IsAlive));
            Assert.Equal(a, children[0].Pid);
        });
    }

    [Fact]
    [Scenario(74, "Messages that arrive while suspended")]
    public async Task Calls_and_casts_during_an_upgrade_are_all_answered_in_order()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Server(At(1)));
        folder.Package("2", Server(At(2), "public sealed record State(int Count, string Label = \"none\");"));

        await folder.Node.Run(async () =>
        {
            var counters = new List<Pid>();

            for (var i = 0; i < 50; i++)
            {
                counters.Add(await ReleaseHandlerTests.Begin(folder));
            }

            var stop = false;
            var callers = Enumerable.Range(0, 4).Select(_ => Process.SpawnMonitor(async () =>
            {
                var mine = counters.ToDictionary(counter => counter, _ => 0);

                while (!Volatile.Read(ref stop))
                {
                    foreach (var counter in counters)
                    {
                        var count = await GenServer.Call<int>(counter, "add");
                        Assert.True(count > mine[counter], "A count went back.");
                        mine[counter] = count;
                    }
                }
            }).Monitor).ToList();

            for (var i = 0; i < 5; i++)
            {
                await folder.Handler.Install("2", InstallSettings.Default);
                await folder.Handler.Install("1", InstallSettings.Default);
            }

            Volatile.Write(ref stop, true);

            foreach (var caller in callers)
            {
                Assert.Equal(ExitReason.Normal, (await Process.Receive<Down>(down => down.Ref == caller)).Reason);
            }
        });
    }

    // OTP: the code change fails with noproc and the node restarts.
    [Fact]
    [Scenario(92, "A worker dies between suspend and code_change")]
    public async Task Processes_that_start_and_die_during_an_upgrade_disturb_nothing()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Server(At(1)));
        folder.Package("2", Server(At(2), "public sealed record State(int Count, string Label = \"none\");"));

        await folder.Node.Run(async () =>
        {
            var stop = false;
            var (_, churn) = Process.SpawnMonitor(async () =>
            {
                while (!Volatile.Read(ref stop))
                {
                    var started = new List<Pid>();

                    for (var i = 0; i < 100; i++)
                    {
                        started.Add(await ReleaseHandlerTests.Begin(folder));
                    }

                    foreach (var pid in started)
                    {
                        await GenServer.Call<int>(pid, "add");
                        Process.Exit(pid, ExitReason.Kill);
                    }
                }
            });

            for (var i = 0; i < 5; i++)
            {
                await folder.Handler.Install("2", InstallSettings.Default);
                await folder.Handler.Install("1", InstallSettings.Default);
            }

            Volatile.Write(ref stop, true);
            Assert.Equal(ExitReason.Normal, (await Process.Receive<Down>(down => down.Ref == churn)).Reason);
            Assert.Equal("1", StartFile.Read(folder.Layout)!.Release);
        });
    }
}
