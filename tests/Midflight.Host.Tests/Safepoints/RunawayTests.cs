using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>Code that runs for ever: it is told of, others run on, and it can be killed.</summary>
public sealed class RunawayTests : IAsyncLifetime, IAsyncDisposable
{
    private const string Source = """
        public sealed class Runaway : GenServer<int>
        {
            private static readonly object s_lock = new();
            public static int Swallowed;
            public static volatile bool Goes;
            public static long Turns;

            protected override Started<int> Init(object? argument) => 0;

            protected override Answer<int> HandleCall(object request, int state) => Reply(Run((string)request), state);

            protected override Answer<int> HandleCast(object message, int state) => NoReply(Run((string)message));

            protected override void Terminate(ExitReason reason, int state) => Swallowed = -1;

            private static int Run(string how)
            {
                switch (how)
                {
                    case "loop":
                        while (true)
                        {
                        }
                    case "inside a try":
                        while (true)
                        {
                            try
                            {
                                Work();
                            }
                            catch
                            {
                                Swallowed++;
                            }
                        }
                    case "around a try":
                        try
                        {
                            while (true)
                            {
                                Work();
                            }
                        }
                        catch
                        {
                            Swallowed++;
                            return Run("loop");
                        }
                        finally
                        {
                            Swallowed++;
                        }
                    case "again from the catch":
                        again:
                        try
                        {
                            Spin(int.MaxValue);
                        }
                        catch (Exception) when (how.Length > 0)
                        {
                            Swallowed++;
                            goto again;
                        }

                        goto again;
                    case "finally":
                        try
                        {
                        }
                        finally
                        {
                            while (true)
                            {
                                Swallowed++;
                            }
                        }
                    case "lock":
                        lock (s_lock)
                        {
                            return Run("loop");
                        }
                    case "recursion":
                        return Deep(60);
                    case "recursion without end":
                        return Again(1);
                    case "recursion without end inside a try":
                        return Caught(1);
                    case "recursion without end through .NET":
                        return Sorted(1);
                    case "deep recursion":
                        return Depth(5_000);
                    case "lambda":
                        Func<int, int>? f = null;
                        f = n => n == 0 ? 0 : f!(n - 1) + f(n - 1);
                        return f(60);
                    case "iterator":
                        return Endless().Count(n => n < 0);
                    case "map":
                        return Map.All.Length;
                    case "sort":
                        return Native.Sort();
                    case "gate":
                        using (Gate.Enter())
                        {
                            return Wait();
                        }
                    case "count":
                        return Gate.Places.CurrentCount;
                    case "exit":
                        Environment.Exit(7);
                        return 0;
                    case "exit by delegate":
                        Action<int> exit = Environment.Exit;
                        exit(7);
                        return 0;
                    case "hello":
                        return 1;
                    default:
                        throw new NotSupportedException(how);
                }
            }

            private static IEnumerable<int> Endless()
            {
                while (true)
                {
                    yield return 1;
                }
            }

            private static int Again(int n) => Again(n + 1) + Again(n + 2);

            private static int Caught(int n)
            {
                try
                {
                    return Caught(n + 1) + 1;
                }
                finally
                {
                    Swallowed = n;
                }
            }

            private static int Sorted(int n) => new[] { 1, 2, 3, 4 }.OrderBy(one => Sorted(n + one)).First();

            private static int Depth(int n) => n == 0 ? 0 : Depth(n - 1) + 1;

            private static int Deep(int n) => n == 0 ? 0 : Deep(n - 1) + Deep(n - 1);

            private static void Work() => GC.KeepAlive(s_lock);

            private static void Spin(int turns)
            {
                for (var i = 0; i < turns; i++)
                {
                    Work();
                }
            }

            internal static int Wait()
            {
                while (!Goes)
                {
                    Volatile.Write(ref Turns, Turns + 1);
                }

                return 1;
            }

            public static async ProcessTask<Next> Function(Pid reader)
            {
                await Task.Yield();

                while (true)
                {
                    try
                    {
                        Spin(1000);
                    }
                    catch
                    {
                        Swallowed++;
                    }
                }
            }
        }

        internal static class Map
        {
            internal static readonly int[] All = [Runaway.Wait()];
        }

        internal sealed class Gate : IDisposable
        {
            internal static readonly SemaphoreSlim Places = new(1);

            internal static Gate Enter()
            {
                Places.Wait();
                return new();
            }

            public void Dispose() => Leave();

            private static void Leave() => Places.Release();
        }

        internal static class Native
        {
            internal static int Sort()
            {
                var items = System.Runtime.InteropServices.Marshal.AllocHGlobal(8);
                var compare = typeof(Native).GetMethod(nameof(Compare), System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)!;
                qsort(items, 2, 4, compare.MethodHandle.GetFunctionPointer());
                System.Runtime.InteropServices.Marshal.FreeHGlobal(items);
                return 1;
            }

            [System.Runtime.InteropServices.UnmanagedCallersOnly]
            private static int Compare(IntPtr one, IntPtr other) => Runaway.Wait() - 1;

            [System.Runtime.InteropServices.DllImport("libc")]
            private static extern void qsort(IntPtr items, nint count, nint size, IntPtr compare);
        }
        """;

    // Far more than any wait needs.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TestNode _node = new();

    public async Task InitializeAsync() => await _node.Load(Compile.Application("runaway", Source));

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    private async Task<Pid> Start(string? name = null)
    {
        Pid server = default;
        await _node.Run(async () => server = await GenServer.Start(_node.Module("Runaway"), null, name));
        return server;
    }

    [Theory]
    [InlineData("loop")]
    [InlineData("inside a try")]
    [InlineData("around a try")]
    [InlineData("again from the catch")]
    [InlineData("finally")]
    [InlineData("lock")]
    [InlineData("recursion")]
    [InlineData("lambda")]
    [InlineData("iterator")]
    public Task A_server_in_an_endless_handler_is_killed(string how) => _node.Run(async () =>
    {
        var module = _node.Module("Runaway");
        var server = await GenServer.Start(module);
        var monitor = Process.Monitor(server);
        GenServer.Cast(server, how);
        Process.Exit(server, ExitReason.Kill);
        Assert.Equal(ExitReason.Killed, (await Process.Receive<Down>()).Reason);
        Assert.DoesNotContain(_node.Log.Lines, line => line.Event.Name == "ProcessCrashed");

        // As with any kill, nothing is tidied up.
        Assert.NotEqual(-1, module.GetField("Swallowed")!.GetValue(null));
    });

    [Theory]
    [InlineData("recursion without end")]
    [InlineData("recursion without end inside a try")]
    [InlineData("recursion without end through .NET")]
    public Task Recursion_without_end_ends_its_process_and_nothing_else(string how) => _node.Run(async () =>
    {
        var module = _node.Module("Runaway");
        var (called, told, other) = (await GenServer.Start(module), await GenServer.Start(module), await GenServer.Start(module));
        Process.Monitor(told);

        // On the stack of the caller, and on one of the node's.
        var failed = await Assert.ThrowsAsync<CallFailedException>(async () => await GenServer.Call<int>(called, how));
        GenServer.Cast(told, how);
        var down = await Process.Receive<Down>();

        Assert.Equal(CallFailure.Ended, failed.Failure);
        Assert.Contains("The stack is nearly used up", down.Reason.ToString(), StringComparison.Ordinal);
        Assert.Equal(told, down.Pid);
        Assert.Equal(1, await GenServer.Call<int>(other, "hello"));
        Assert.Equal(5_000, await GenServer.Call<int>(other, "deep recursion"));
    });

    [Theory]
    [InlineData("exit")]
    [InlineData("exit by delegate")]
    public Task Hot_code_that_would_end_the_node_ends_its_process(string how) => _node.Run(async () =>
    {
        var server = await GenServer.Start(_node.Module("Runaway"));
        var failed = await Assert.ThrowsAsync<CallFailedException>(async () => await GenServer.Call<int>(server, how));
        Assert.Contains("Environment.Exit(7) is refused", $"{failed.Reason}", StringComparison.Ordinal);
    });

    // A static constructor that is cut off spoils its type for all others; an exception in what native code has called ends the node.
    [Theory]
    [InlineData("map")]
    [InlineData("sort")]
    public async Task A_kill_waits_for_a_static_constructor_and_for_native_code_to_come_back(string how)
    {
        var module = _node.Module("Runaway");
        var (server, calling) = await Killed(how);
        Assert.True(SpinWait.SpinUntil(() => Safepoint.IsAsked, Patience));
        var seen = Turns();
        SpinWait.SpinUntil(() => calling.IsCompleted || Turns() > seen + 1000, Patience);
        Assert.False(calling.IsCompleted);
        module.GetField("Goes")!.SetValue(null, true);
        Assert.Equal(1, await calling);
        await Assert.ThrowsAsync<CallFailedException>(async () => await GenServer.Call<int>(server, "hello"));
        Assert.Equal(1, await GenServer.Call<int>(await Start(), how));
    }

    // A call that has got into its loop, and whose server is killed.
    private async Task<(Pid Server, Task<int> Calling)> Killed(string how)
    {
        var server = await Start();
        var calling = Task.Run(async () => await GenServer.Call<int>(server, how));
        Assert.True(SpinWait.SpinUntil(() => Turns() > 0, Patience));
        Process.Exit(server, ExitReason.Kill);
        return (server, calling);
    }

    private long Turns() => (long)_node.Module("Runaway").GetField("Turns")!.GetValue(null)!;

    [Fact]
    public async Task What_a_killed_process_holds_is_let_go_by_hot_code_in_its_finally_blocks()
    {
        var (_, calling) = await Killed("gate");
        await Assert.ThrowsAsync<CallFailedException>(() => calling);
        Assert.Equal(1, await GenServer.Call<int>(await Start(), "count"));
    }

    [Fact]
    public Task A_process_function_in_an_endless_loop_is_killed() => _node.Run(async () =>
    {
        var function = Hot.Spawn(_node, "Runaway", "Function", Process.Self);
        Process.Monitor(function);
        Process.Exit(function, ExitReason.Kill);
        Assert.Equal(ExitReason.Killed, (await Process.Receive<Down>()).Reason);
    });

    [Fact]
    public async Task A_caller_from_outside_comes_back_when_its_server_is_killed()
    {
        var server = await Start();
        var calling = Task.Run(async () => await GenServer.Call<int>(server, "loop"));
        Process.Exit(server, ExitReason.Kill);
        var failure = await Assert.ThrowsAsync<CallFailedException>(() => calling);
        Assert.True(failure.Failure is CallFailure.Ended or CallFailure.NoProcess);
    }

    [Fact]
    public Task Others_run_on_while_all_workers_are_in_endless_loops() => _node.Run(async () =>
    {
        var module = _node.Module("Runaway");
        var loops = new List<Pid>();

        for (var i = 0; i < Environment.ProcessorCount + 1; i++)
        {
            loops.Add(await GenServer.Start(module));
            Process.Monitor(loops[^1]);
            GenServer.Cast(loops[^1], "loop");
        }

        var other = await GenServer.Start(module);
        GenServer.Cast(other, "hello");
        Assert.Equal(1, await GenServer.Call<int>(other, "hello"));

        foreach (var loop in loops)
        {
            Process.Exit(loop, ExitReason.Kill);
        }

        foreach (var _ in loops)
        {
            Assert.Equal(ExitReason.Killed, (await Process.Receive<Down>()).Reason);
        }
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_long_slice_is_told_of_with_its_module_version_and_stack(bool fromOutside)
    {
        var server = await Start("looping");
        _node.Node.Monitor.LongSchedule = TimeSpan.FromMilliseconds(20);
        var calling = fromOutside ? Task.Run(async () => await GenServer.Call<int>(server, "iterator")) : Task.CompletedTask;

        if (!fromOutside)
        {
            GenServer.Cast(server, "iterator");
        }

        SpinWait.SpinUntil(() => _node.Log.Lines.Any(line => line.Event.Name == "LongSchedule" && line.Message.Contains("Endless", StringComparison.Ordinal)));
        Process.Exit(server, ExitReason.Kill);
        await Assert.ThrowsAnyAsync<CallFailedException>(async () =>
        {
            await calling;
            await GenServer.Call<int>(server, "hello");
        });
        var told = _node.Log.Lines.Single(line => line.Event.Name == "LongSchedule" && line.Message.Contains("Endless", StringComparison.Ordinal)).Message;
        Assert.Contains("(looping)", told, StringComparison.Ordinal);
        Assert.Contains("module: Runaway, version runaway 0.1.0 (#1)", told, StringComparison.Ordinal);
        Assert.Contains("at Runaway.Endless()+MoveNext() in runaway.cs:line ", told, StringComparison.Ordinal);
        Assert.Contains("at Runaway.HandleC", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blocked_thread_is_told_of_without_a_stack()
    {
        _node.Node.Monitor.LongSchedule = TimeSpan.FromMilliseconds(20);
        using var gate = new ManualResetEventSlim();
        var running = _node.Run(() =>
        {
            gate.Wait(TimeSpan.FromSeconds(30));
            return Task.CompletedTask;
        });
        SpinWait.SpinUntil(() => _node.Log.Lines.Any(line => line.Event.Name == "LongSchedule"));
        gate.Set();
        await running;
        Assert.Contains(_node.Log.Lines, line => line.Message.Contains("stack:\n   unknown", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_killed_runaway_keeps_no_code_version_in_memory()
    {
        await _node.Run(async () =>
        {
            var server = await GenServer.Start(_node.Module("Runaway"));
            Process.Monitor(server);
            GenServer.Cast(server, "loop");
            Process.Exit(server, ExitReason.Kill);
            await Process.Receive<Down>();
        });
        await _node.Load(Compile.Application("runaway", Source.Replace("\"hello\"", "\"hi\"", StringComparison.Ordinal), "0.2.0"));
        var report = Assert.Single((await _node.Code.Purge("runaway", PurgeMethod.Soft)).Prove(_node.Node));
        Assert.Equal("runaway 0.1.0 (#1) is unloaded.", report.ToString());
    }
}
