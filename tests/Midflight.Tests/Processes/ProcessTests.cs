using static Midflight.Process;

namespace Midflight.Tests.Processes;

public sealed class ProcessTests : ProcessTest
{
    [Fact]
    public Task A_process_goes_from_function_to_function_and_ends_as_normal() => Run(async () =>
    {
        var (_, monitor) = SpawnMonitor(CountDown, (3, Self));

        Assert.Equal([3, 2, 1], [await Receive(), await Receive(), await Receive()]);
        Assert.Equal(new Down(monitor, monitor.Target, ExitReason.Normal), await Receive());
        Assert.False(monitor.Target.IsAlive);
    });

    private static ProcessTask<Next> CountDown((int Left, Pid To) at)
    {
        if (at.Left == 0)
        {
            return new(Next.End);
        }

        Send(at.To, at.Left);
        return new(at.Left % 2 == 0 ? Next.Current(CountDown, (at.Left - 1, at.To)) : Next.Local(CountDown, (at.Left - 1, at.To)));
    }

    [Fact]
    public Task Sending_to_an_ended_process_does_nothing() => Run(async () =>
    {
        var process = Spawn(() => Task.CompletedTask);
        await EndOf(process);
        Send(process, "late");
        Send(default(Pid), "nobody");
    });

    [Fact]
    public Task A_pid_is_written_with_its_number() => Run(() =>
    {
        Assert.Equal($"<{Self.Number}>", Self.ToString());
        Assert.Equal("<0>", default(Pid).ToString());
        return Task.CompletedTask;
    });

    [Fact]
    public Task A_crash_leaves_one_report_with_what_is_known() => Run(async () =>
    {
        var pid = await GenServer.Start<Fragile>(argument: 7, name: "fragile");
        var reason = await EndOf(pid, () => GenServer.Cast(pid, "break"));

        Assert.Equal("FormatException: not this", reason.ToString());
        Assert.Equal(
            $"""
            Process {pid} (fragile) ended: FormatException: not this
              module:       {typeof(Fragile).FullName}, version not hot
              last message: break
              state:        seven, shown
            """,
            Assert.Single(Logged));
    });

    private sealed class Fragile : GenServer<int>
    {
        protected override Started<int> Init(object? argument) => (int)argument!;

        protected override Answer<int> HandleCast(object message, int state) => throw new FormatException("not this");

        protected override object? FormatStatus(int state) => state == 7 ? "seven, shown" : throw new InvalidOperationException("hidden");
    }

    [Fact]
    public Task A_crash_report_survives_a_state_and_a_reason_that_cannot_be_shown() => Run(async () =>
    {
        var pid = await GenServer.Start<Fragile>(argument: 8);
        GenServer.Cast(pid, new Unspeakable());
        await EndOf(pid);

        var report = Assert.Single(Logged);
        Assert.Contains("whose ToString throws NotSupportedException", report);
        Assert.Contains("state:        (FormatStatus throws InvalidOperationException: hidden)", report);

        Assert.Contains("whose ToString throws", ExitReason.Other(new Unspeakable()).ToString());
        Assert.Contains("whose Message throws", ExitReason.Error(new SilentException()).ToString());
    });

    private sealed class Unspeakable
    {
        public override string ToString() => throw new NotSupportedException();
    }

    private sealed class SilentException : Exception
    {
        public override string Message => throw new NotSupportedException();
    }

    [Fact]
    public Task An_orderly_exit_leaves_no_report() => Run(async () =>
    {
        var (_, leaving) = SpawnMonitor(() => Leave(ExitReason.Shutdown));
        Assert.Equal(ExitReason.Shutdown, (await Receive<Down>(down => down.Ref == leaving)).Reason);
        var (_, ending) = SpawnMonitor(() => Task.CompletedTask);
        Assert.Equal(ExitReason.Normal, (await Receive<Down>(down => down.Ref == ending)).Reason);
        Assert.Empty(Logged);
    });

    private static Task Leave(ExitReason reason) => throw new ExitException(reason);

    // At once, behind a receive, and behind something else than a receive.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public Task A_function_that_returns_null_ends_its_process_and_is_named(int awaited) => Run(async () =>
    {
        var (pid, monitor) = SpawnMonitor(Nothing, awaited);
        Send(pid, "go");
        var down = await Receive<Down>(down => down.Ref == monitor);
        Assert.Contains("ProcessTests.Nothing returned null. Return Next.End", down.Reason.ToString());
        Assert.Single(Logged);
    });

    private static async ProcessTask<Next> Nothing(int awaited)
    {
        if (awaited == 1)
        {
            await Receive();
        }
        else if (awaited == 2)
        {
            await Task.Yield();
        }

        return null!;
    }

    [Fact]
    public Task A_task_that_says_what_the_process_goes_on_with_is_followed() => Run(async () =>
    {
        var self = Self;
        var pid = Spawn((Func<ProcessTask>)(() => Further(self)));
        Send(pid, "there");
        Assert.Equal("there", await Receive());

        static async Task<Next> Further(Pid test)
        {
            await Task.Yield();
            return Next.Local(Tell, test);
        }
    });

    private static async ProcessTask<Next> Tell(Pid test)
    {
        Send(test, await Receive());
        return Next.End;
    }

    [Fact]
    public Task A_log_that_fails_does_not_stop_the_node() => Run(async () =>
    {
        await using var other = new Node(new FailingLog());
        await Assert.ThrowsAsync<CallFailedException>(() => other.Run(async () =>
        {
            var pid = await GenServer.Start<Fragile>(argument: 7);
            GenServer.Cast(pid, "break");
            await GenServer.Call<int>(pid, "after");
        }));
        await other.Run(() => Task.CompletedTask);
    });

    private sealed class FailingLog : Microsoft.Extensions.Logging.ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(Microsoft.Extensions.Logging.LogLevel logLevel) => true;

        public void Log<TState>(
            Microsoft.Extensions.Logging.LogLevel logLevel,
            Microsoft.Extensions.Logging.EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) => throw new IOException("disk full");
    }

    [Fact]
    public Task What_a_process_owns_is_disposed_when_it_ends_even_if_one_of_it_fails() => Run(async () =>
    {
        var disposed = new List<string>();
        var self = Self;
        var process = Spawn(async () =>
        {
            Own(new Owned(() => throw new IOException("broken pipe")));
            Own(new Owned(() => disposed.Add("second")));
            Disown(Own(new Owned(() => disposed.Add("disowned"))));
            Send(self, "ready");
            await Receive();
        });
        await Receive();
        Exit(process, ExitReason.Kill);
        await EndOf(process);
        await Until(() => disposed.Count > 0);

        Assert.Equal(["second"], disposed);
        Assert.Contains($"Process {process} has ended, but disposing the {typeof(Owned)} that it owned failed.", Assert.Single(Logged));
    });

    private sealed class Owned(Action dispose) : IDisposable
    {
        public void Dispose() => dispose();
    }

    [Fact]
    public Task Code_of_a_killed_process_is_not_run_any_more() => Run(async () =>
    {
        var went = false;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = Spawn(async () =>
        {
            await gate.Task;
            went = true;
        });
        Exit(process, ExitReason.Kill);
        gate.SetResult();
        await EndOf(process);
        Assert.False(went);
    });

    [Fact]
    public Task A_process_that_only_ever_yields_leaves_room_for_others() => Run(async () =>
    {
        var goOn = true;

        for (var i = 0; i < 2 * Environment.ProcessorCount; i++)
        {
            Spawn(async () =>
            {
                while (Volatile.Read(ref goOn))
                {
                    await Task.Yield();
                }
            });
        }

        for (var i = 0; i < 1_000; i++)
        {
            var self = Self;
            Spawn(() =>
            {
                Send(self, "turn");
                return Task.CompletedTask;
            });
            await Receive();
        }

        Volatile.Write(ref goOn, false);
    });

    private static readonly AsyncLocal<string?> s_local = new();

    [Fact]
    public Task What_a_process_puts_in_an_async_local_is_not_seen_by_others() => Run(async () =>
    {
        s_local.Value = "of the test";
        var server = await GenServer.Start<Leaky>();

        Assert.Equal("", await GenServer.Call<string>(server, "call in place"));
        Assert.Equal("of the test", s_local.Value);

        var self = Self;

        for (var i = 0; i < 100; i++)
        {
            Spawn(() =>
            {
                Send(self, s_local.Value ?? "");
                s_local.Value = "leaked";
                return Task.CompletedTask;
            });
        }

        for (var i = 0; i < 100; i++)
        {
            Assert.Equal("", await Receive());
        }
    });

    private sealed class Leaky : GenServer<int>
    {
        protected override Started<int> Init(object? argument) => 0;

        protected override Answer<int> HandleCall(object request, int state)
        {
            var seen = s_local.Value ?? "";
            s_local.Value = "leaked";
            return Reply(seen, state);
        }
    }

    [Fact]
    public async Task A_disposed_node_has_no_processes()
    {
        var node = new Node();
        var disposed = 0;
        await node.Run(async () =>
        {
            var self = Self;

            for (var i = 0; i < 100; i++)
            {
                Spawn(async () =>
                {
                    Own(new Owned(() => Interlocked.Increment(ref disposed)));
                    Send(self, "owns");
                    await Receive();
                });
            }

            for (var i = 0; i < 100; i++)
            {
                await Receive();
            }
        });
        await node.DisposeAsync();

        Assert.Equal(0, node.ProcessCount);
        Assert.Equal(100, disposed);
    }

    [Fact]
    public Task Demonitor_of_the_monitor_of_another_process_has_no_effect() => Run(async () =>
    {
        var watched = Spawn(async () => await Receive());
        var monitor = Monitor(watched);
        var other = Spawn(() =>
        {
            Demonitor(monitor);
            return Task.CompletedTask;
        });
        await EndOf(other);
        Send(watched, "go");
        Assert.Equal(new Down(monitor, watched, ExitReason.Normal), await Receive<Down>());
    });
}
