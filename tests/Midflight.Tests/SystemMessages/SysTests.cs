using Midflight.Tests.Processes;
using static Midflight.GenServer;
using static Midflight.Process;

namespace Midflight.Tests.SystemMessages;

/// <summary>What OTP's <c>sys</c> was seen to do.</summary>
public sealed class SysTests : ProcessTest
{
    private sealed class Gs : GenServer<object>
    {
        protected override Started<object> Init(object? argument)
        {
            TrapExits = argument is "trap";
            return argument ?? "s";
        }

        protected override Answer<object> HandleCall(object request, object state) => request switch
        {
            ("set", { } value) => Reply("ok", value),
            ("wait", int milliseconds) => Reply("ok", state).WithTimeout(TimeSpan.FromMilliseconds(milliseconds)),
            _ => Reply(state, state),
        };

        protected override async ValueTask<Answer<object>> HandleCastAsync(object message, object state)
        {
            if (message is Task task)
            {
                await task;
            }
            else
            {
                Witness(message);
            }

            return NoReply(state);
        }

        protected override Answer<object> HandleInfo(object message, object state)
        {
            Witness(message is IdleTimeout ? "timed out" : message);
            return NoReply(state);
        }

        protected override void Terminate(ExitReason reason, object state) => Witness($"terminate {reason} {state}");

        protected override object CodeChange(OldVsn from, object state, object? extra) => extra switch
        {
            "crash" => throw new FormatException("refused"),
            _ => $"changed {from} {state} {extra}",
        };

        protected override object? FormatStatus(object state) => state is "broken" ? throw new FormatException("no status") : $"hidden {state}";

        private static void Witness(object what)
        {
            if (WhereIs("witness") is { } witness)
            {
                Send(witness, what);
            }
        }
    }

    private static async Task<Pid> Begin(object? argument = null)
    {
        Register("witness", Self);
        return await Start<Gs>(argument, "gs");
    }

    [Fact]
    [Scenario(22, "Messages to a suspended gen_server")]
    public Task Messages_to_a_suspended_server_wait_in_order_and_a_call_given_up_is_carried_out() => Run(async () =>
    {
        var server = await Begin();
        await Sys.Suspend(server);
        Cast(server, "a");
        Send(server, "b");
        var call = Call<string>(server, ("set", (object)"new"), Ms(200)).AsTask();
        Cast(server, "c");
        Time.Advance(Ms(200));
        Assert.Equal(CallFailure.TimedOut, (await Assert.ThrowsAsync<CallFailedException>(() => call)).Failure);
        Assert.Equal(4, (await Sys.GetStatus(server)).QueueLength);
        Assert.Null(await Receive(TimeSpan.Zero));

        await Sys.Resume(server);
        Assert.Equal(["a", "b", "c"], [await Receive(), await Receive(), await Receive()]);
        Assert.Equal("new", await Sys.GetState(server));
        Assert.Null(await Receive(TimeSpan.Zero));
    });

    [Fact]
    [Scenario(23, "suspend and resume are not counted")]
    public Task Suspend_and_resume_are_not_counted() => Run(async () =>
    {
        var server = await Begin();
        await Sys.Suspend(server);
        await Sys.Suspend(server);
        await Sys.Resume(server);
        Assert.Equal("s", await Call<string>(server, "get"));
        await Sys.Resume(server);
        Assert.Equal("s", await Call<string>(server, "get"));
    });

    [Fact]
    [Scenario(24, "Suspending a busy server")]
    public Task A_busy_server_is_suspended_later_even_if_the_asker_gives_up() => Run(async () =>
    {
        var server = await Begin();
        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Cast(server, busy.Task);
        var suspend = Sys.Suspend(server, Ms(100)).AsTask();
        Time.Advance(Ms(100));
        Assert.Equal(CallFailure.TimedOut, (await Assert.ThrowsAsync<CallFailedException>(() => suspend)).Failure);
        busy.SetResult();
        Assert.True((await Sys.GetStatus(server)).IsSuspended);
    });

    [Fact]
    [Scenario(25, "System messages to a dead process")]
    public Task A_system_message_to_no_process_says_so() => Run(async () =>
    {
        var server = await Begin();
        Exit(server, ExitReason.Kill);
        await EndOf(server);

        foreach (var request in new Func<Task>[]
        {
            () => Sys.Suspend(server).AsTask(), () => Sys.GetState("nobody").AsTask(), () => Sys.ChangeCode(server, "v").AsTask(),
        })
        {
            Assert.Equal(CallFailure.NoProcess, (await Assert.ThrowsAsync<CallFailedException>(request)).Failure);
        }
    });

    [Fact]
    [Scenario(26, "System messages are taken in mailbox order while running")]
    public Task A_running_server_takes_system_messages_in_the_order_of_its_mailbox() => Run(async () =>
    {
        var server = await Begin();
        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Cast(server, busy.Task);
        Cast(server, "before");
        var suspend = Sys.Suspend(server);
        Cast(server, "later");
        busy.SetResult();
        await suspend;
        Assert.Equal("before", await Receive());
        Assert.Null(await Receive(TimeSpan.Zero));
        await Sys.Resume(server);
        Assert.Equal("later", await Receive());
    });

    [Fact]
    [Scenario(27, "System requests while suspended")]
    public Task A_suspended_server_answers_system_messages_ahead_of_others() => Run(async () =>
    {
        var server = await Begin("s0");
        await Sys.Suspend(server);
        Send(server, "waiting");
        Assert.Equal("s0", await Sys.GetState(server));
        Assert.Equal("new s0", await Sys.ReplaceState(server, state => $"new {state}"));
        Assert.Equal("new s0", await Sys.GetState(server));
        var status = await Sys.GetStatus(server);
        Assert.Equal(
            (server, typeof(Gs).FullName, true, 1, "hidden new s0"),
            (status.Pid, status.Module, status.IsSuspended, status.QueueLength, (string)status.State!));
        Assert.Equal(["gs"], status.Names);
    });

    [Fact]
    [Scenario(28, "change_code on a running server")]
    public Task A_running_server_does_not_change_code() => Run(async () =>
    {
        var server = await Begin();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => Sys.ChangeCode(server, "old", "extra").AsTask());
        Assert.Equal($"Process {server} is running; only a suspended process changes code. Call Sys.Suspend first.", refused.Message);
        Assert.Equal("s", await Sys.GetState(server));
    });

    [Fact]
    [Scenario(29, "change_code on a suspended server")]
    public Task A_suspended_server_changes_code_even_if_the_resume_is_already_there() => Run(async () =>
    {
        var server = await Begin();
        await Sys.Suspend(server);
        await Sys.ChangeCode(server, "v1", "extra");
        Assert.Equal("changed v1 s extra", await Sys.GetState(server));

        var (change, resume, state) = (Sys.ChangeCode(server, "v2", "again"), Sys.Resume(server), Sys.GetState(server));
        await change;
        await resume;
        Assert.Equal("changed v2 changed v1 s extra again", await state);
        Assert.Equal("changed v2 changed v1 s extra again", await Call<string>(server, "get"));
    });

    [Fact]
    [Scenario(30, "code_change returns {error, Reason}")]
    [Scenario(31, "code_change crashes")]
    public Task A_failing_CodeChange_leaves_the_server_suspended_with_its_old_state() => Run(async () =>
    {
        var server = await Begin();
        await Sys.Suspend(server);
        var failed = await Assert.ThrowsAsync<FormatException>(() => Sys.ChangeCode(server, "v", "crash").AsTask());
        Assert.Equal("refused", failed.Message);
        var status = await Sys.GetStatus(server);
        Assert.Equal((true, "hidden s"), (status.IsSuspended, (string)status.State!));
        Assert.Equal("s", await Sys.GetState(server));
    });

    [Fact]
    [Scenario(32, "A callback module without code_change")]
    public Task A_server_without_CodeChange_keeps_its_state() => Run(async () =>
    {
        var server = await Start<Plain>();
        await Sys.Suspend(server);
        await Sys.ChangeCode(server, "v");
        Assert.Equal(5, await Sys.GetState(server));
    });

    private sealed class Plain : GenServer<int>
    {
        protected override Started<int> Init(object? argument) => 5;
    }

    [Fact]
    [Scenario(33, "change_code that takes too long")]
    public Task A_change_of_code_that_is_given_up_still_happens() => Run(async () =>
    {
        var server = await Begin();
        await Sys.Suspend(server);
        var gate = new ManualResetEventSlim();
        var replace = Sys.ReplaceState(server, state =>
        {
            gate.Wait();
            return state;
        }).AsTask();
        var change = Sys.ChangeCode(server, "v", "late", Ms(100)).AsTask();
        Time.Advance(Ms(100));
        Assert.Equal(CallFailure.TimedOut, (await Assert.ThrowsAsync<CallFailedException>(() => change)).Failure);
        gate.Set();
        await replace;
        Assert.Equal("changed v s late", await Sys.GetState(server));
    });

    [Fact]
    [Scenario(35, "replace_state")]
    public Task ReplaceState_returns_the_new_state_and_a_failing_function_changes_nothing() => Run(async () =>
    {
        var server = await Begin();
        Assert.Equal(2, await Sys.ReplaceState(server, _ => 2));
        await Assert.ThrowsAsync<FormatException>(() => Sys.ReplaceState(server, _ => throw new FormatException("oops")).AsTask());
        Assert.Equal(2, await Sys.GetState(server));
        var plain = await Start<Plain>();
        await Assert.ThrowsAsync<InvalidCastException>(() => Sys.ReplaceState(plain, _ => "no number").AsTask());
        Assert.Equal(5, await Sys.GetState(plain));
    });

    [Fact]
    [Scenario(36, "get_state when the state looks like an error")]
    public Task A_state_that_is_an_exception_is_only_a_state() => Run(async () =>
    {
        var error = new FormatException();
        var server = await Begin(error);
        Assert.Same(error, await Sys.GetState(server));
    });

    [Fact]
    [Scenario(37, "get_status")]
    public Task GetStatus_shows_what_FormatStatus_says_and_GetState_does_not() => Run(async () =>
    {
        var server = await StartLink<Gs>("secret");
        var status = await Sys.GetStatus(server);
        Assert.Equal((false, Self, "hidden secret", null), (status.IsSuspended, status.Parent, (string)status.State!, status.Version));
        Assert.Equal("secret", await Sys.GetState(server));
    });

    [Fact]
    [Scenario(43, "sys:terminate")]
    public Task Terminate_runs_the_callback_suspended_or_not() => Run(async () =>
    {
        var server = await Begin();
        await Sys.Terminate(server, ExitReason.Normal);
        Assert.Equal("terminate normal s", await Receive());
        await EndOf(server);

        server = await Start<Gs>(null, "gs");
        await Sys.Suspend(server);
        await Sys.Terminate(server, ExitReason.Other("because"));
        Assert.Equal("terminate because s", await Receive());
        await EndOf(server);
    });

    [Fact]
    [Scenario(44, "The parent exits while the server is suspended")]
    public Task The_end_of_its_parent_ends_a_suspended_server_too() => Run(async () =>
    {
        Register("witness", Self);
        var self = Self;
        var parent = Spawn(async () =>
        {
            Send(self, await StartLink<Gs>("trap"));
            await Receive();
        });
        var server = (Pid)await Receive();
        await Sys.Suspend(server);
        Exit(parent, ExitReason.Other("parent gone"));
        Assert.Equal("terminate parent gone trap", await Receive());
        await EndOf(server);
    });

    [Fact]
    [Scenario(45, "Exit signals while suspended")]
    public Task Exit_signals_reach_a_suspended_server() => Run(async () =>
    {
        var server = await Begin();
        await Sys.Suspend(server);
        Assert.Equal(ExitReason.Other("reason"), await EndOf(server, () => Exit(server, ExitReason.Other("reason"))));

        var trapping = await Start<Gs>("trap");
        await Sys.Suspend(trapping);
        Exit(trapping, ExitReason.Other("reason"));
        Assert.Equal(1, (await Sys.GetStatus(trapping)).QueueLength);
        Assert.Equal(ExitReason.Killed, await EndOf(trapping, () => Exit(trapping, ExitReason.Kill)));
    });

    [Fact]
    [Scenario(46, "A gen_server timeout and system messages")]
    public Task System_messages_start_a_time_out_over_and_a_suspended_server_has_none() => Run(async () =>
    {
        var server = await Begin();
        await Call<string>(server, ("wait", 200));

        for (var i = 0; i < 5; i++)
        {
            Time.Advance(Ms(100));
            await Sys.GetState(server);
        }

        Assert.Null(await Receive(TimeSpan.Zero));
        Time.Advance(Ms(200));
        Assert.Equal("timed out", await Receive());

        await Call<string>(server, ("wait", 200));
        await Sys.Suspend(server);
        Time.Advance(Ms(300));
        await Sys.GetState(server);
        Assert.Null(await Receive(TimeSpan.Zero));
        await Sys.Resume(server);
        Time.Advance(Ms(200));
        Assert.Equal("timed out", await Receive());
    });

    [Fact]
    public Task A_plain_process_does_not_answer_system_messages() => Run(async () =>
    {
        var process = Spawn(async () => await Receive());
        var failed = await Assert.ThrowsAsync<CallFailedException>(() => Sys.GetState(process).AsTask());
        Assert.Equal(CallFailure.NotServed, failed.Failure);
        Assert.Contains("Only behaviours do; a plain process function receives messages.", failed.Message);
    });

    [Fact]
    public Task An_end_by_terminate_is_logged_where_its_reason_is_abnormal() => Run(async () =>
    {
        var server = await GenServer.Start<Secretive>("quiet");
        Assert.Equal(ExitReason.Other("boom"), await EndOf(server, () => _ = Sys.Terminate(server, ExitReason.Other("boom"))));
        Assert.Contains(Logged, line => line.Contains($"Process {server} ended: boom", StringComparison.Ordinal));
        var other = await GenServer.Start<Secretive>("quiet");
        Assert.Equal(ExitReason.Shutdown, await EndOf(other, () => _ = Sys.Terminate(other, ExitReason.Shutdown)));
        Assert.DoesNotContain(Logged, line => line.Contains($"{other} ended", StringComparison.Ordinal));
    });

    [Fact]
    public Task A_format_status_that_throws_leaves_the_status_with_a_text_in_place_of_the_state() => Run(async () =>
    {
        var server = await GenServer.Start<Secretive>("secret");
        var status = await Sys.GetStatus(server);
        Assert.Equal((server, "(FormatStatus throws FormatException: no)"), (status.Pid, status.State));
        Assert.Equal("secret", await Sys.GetState(server));
    });

    private sealed class Secretive : GenServer<string>
    {
        protected override Started<string> Init(object? argument) => (string)argument!;

        protected override object? FormatStatus(string state) => throw new FormatException("no");
    }
}
