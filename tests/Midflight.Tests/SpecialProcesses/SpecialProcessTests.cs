using Midflight.Tests.Processes;
using static Midflight.Process;

namespace Midflight.Tests.SpecialProcesses;

/// <summary>Processes with a loop of their own which answer system messages.</summary>
public sealed class SpecialProcessTests : ProcessTest
{
    private sealed class Pump : SpecialProcess<object>
    {
        protected override ProcessTask<Next> Run(object? argument)
        {
            if (argument is Exception exception)
            {
                throw exception;
            }

            TrapExits = argument is "trap";
            InitAck();
            return new(Next.Current(Loop, argument ?? "data0"));
        }

        protected override ProcessTask<Next> Continue(object state) => Loop(state);

        protected override ValueTask Terminate(ExitReason reason, object state)
        {
            Send("witness", $"terminate {reason} {state}");
            return ValueTask.CompletedTask;
        }

        protected override object CodeChange(OldVsn from, object state, object? extra) =>
            extra is "crash" ? throw new FormatException("refused") : $"changed {from} {state} {extra}";

        protected override object? FormatStatus(object state) => $"shown {state}";

        public static async ProcessTask<Next> Loop(object state)
        {
            switch (await Receive())
            {
                case SystemMessage message:
                    return Sys.Handle<Pump, object>(message, state);
                case (Pid from, string question):
                    Send(from, $"{question} {state}");
                    Sys.HandleDebug(new DebugEvent.Sent("an answer", from));
                    return Next.Current(Loop, state);
                case "select":
                    // What it does not ask for waits, system messages as well.
                    Send("witness", await Receive<string>(text => text == "selected"));
                    return Next.Current(Loop, state);
                case "leave":
                    return Next.End;
                case var other:
                    return Next.Current(Loop, other);
            }
        }
    }

    private static async Task<string> Asked(Pid pump, string question = "state")
    {
        Send(pump, (Self, question));
        return await Receive<string>();
    }

    [Fact]
    [Scenario(51, "A special process written by hand")]
    public Task A_special_process_written_by_hand() => Run(async () =>
    {
        var pump = Spawn(Pump.Loop, (object)"data0");
        Assert.Equal("data0", await Sys.GetState(pump));
        Assert.Equal("r data0", await Sys.ReplaceState(pump, state => $"r {state}"));
        await Sys.Suspend(pump);
        await Sys.ChangeCode(pump, "v", "x");
        Assert.Equal("changed v r data0 x", await Sys.GetState(pump));
        await Sys.Resume(pump);
        Assert.Equal("state changed v r data0 x", await Asked(pump));
        Assert.Equal("shown changed v r data0 x", (await Sys.GetStatus(pump)).State);
    });

    [Fact]
    public Task A_suspended_one_keeps_its_messages_and_answers_system_messages_ahead_of_them() => Run(async () =>
    {
        var pump = await GenServer.Start<Pump>();
        await Sys.Suspend(pump);
        Send(pump, (Self, "state"));
        var status = await Sys.GetStatus(pump);
        Assert.Equal((true, 1, typeof(Pump).FullName), (status.IsSuspended, status.QueueLength, status.Module));
        Assert.Null(await Receive(TimeSpan.Zero));
        await Sys.Resume(pump);
        Assert.Equal("state data0", await Receive());
    });

    [Fact]
    public Task A_running_one_does_not_change_code_and_a_failing_change_keeps_the_state() => Run(async () =>
    {
        var pump = await GenServer.Start<Pump>();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Sys.ChangeCode(pump, "v").AsTask());
        await Sys.Suspend(pump);
        Assert.Equal("refused", (await Assert.ThrowsAsync<FormatException>(() => Sys.ChangeCode(pump, "v", "crash").AsTask())).Message);
        Assert.Equal("data0", await Sys.GetState(pump));
        Assert.True((await Sys.GetStatus(pump)).IsSuspended);
    });

    [Fact]
    public Task A_receive_that_does_not_ask_for_system_messages_leaves_them() => Run(async () =>
    {
        Register("witness", Self);
        var pump = await GenServer.Start<Pump>();
        Send(pump, "select");
        var state = Sys.GetState(pump);
        Send(pump, "selected");
        Assert.Equal("selected", await Receive());
        Assert.Equal("data0", await state);
    });

    [Fact]
    public Task Terminate_and_the_end_of_its_parent_while_suspended_run_the_callback() => Run(async () =>
    {
        Register("witness", Self);
        var pump = await GenServer.Start<Pump>();
        await Sys.Terminate(pump, ExitReason.Shutdown);
        Assert.Equal("terminate shutdown data0", await Receive());
        await EndOf(pump);

        var self = Self;
        var parent = Spawn(async () =>
        {
            Send(self, await GenServer.StartLink<Pump>("trap"));
            await Receive();
        });
        pump = (Pid)await Receive();
        await Sys.Suspend(pump);
        Exit(parent, ExitReason.Other("parent gone"));
        Assert.Equal("terminate parent gone trap", await Receive());
        await EndOf(pump);
    });

    [Fact]
    public Task What_it_receives_and_what_it_says_is_logged_and_counted() => Run(async () =>
    {
        var pump = await GenServer.Start<Pump>();
        await Sys.Log(pump, on: true);
        await Sys.Statistics(pump, on: true);
        Assert.Equal("state data0", await Asked(pump));
        Assert.Equal([$"got ({Self}, state)", $"sent an answer to {Self}"], await Sys.GetLog(pump));
        var statistics = await Sys.GetStatistics(pump);
        Assert.Equal((1, 1), (statistics?.MessagesIn, statistics?.MessagesOut));
        await Sys.NoDebug(pump);
        Assert.Empty((await Sys.GetStatus(pump)).Debug);
    });

    [Fact]
    public Task A_supervisor_starts_one_and_waits_until_it_is_ready() => Run(async () =>
    {
        TrapExits = true;
        var supervisor = await GenServer.StartLink<Family>();
        var pump = WhereIs("pump")!.Value;
        Assert.Equal("state from the family", await Asked(pump));
        Exit(pump, ExitReason.Kill);
        await Until(() => WhereIs("pump") is { } next && next != pump);
        Assert.Equal("state from the family", await Asked(WhereIs("pump")!.Value));
        Exit(supervisor, ExitReason.Shutdown);
        await EndOf(supervisor);
    });

    private sealed class Family : Supervisor
    {
        protected override SupervisorSpec Init(object? argument) => new(Strategy.OneForOne, [Child.Of<Pump>("from the family") with { Name = "pump" }]);
    }

    [Fact]
    public Task One_that_ends_before_it_is_ready_has_failed_to_start_and_its_starter_hears_it_once() => Run(async () =>
    {
        TrapExits = true;
        var failed = await Assert.ThrowsAsync<StartFailedException>(() => GenServer.StartLink<Pump>(new FormatException("no oil"), "pump").AsTask());
        Assert.Equal($"{typeof(Pump).FullName} was not started: FormatException: no oil.", failed.Message);
        await Assert.ThrowsAsync<StartFailedException>(() => Process.StartLink(() => new(Next.End)).AsTask());
        Assert.Null(WhereIs("pump"));
        Assert.Null(await Receive(TimeSpan.Zero));
    });

    [Fact]
    public Task A_process_function_that_is_started_is_waited_for_until_it_is_ready() => Run(async () =>
    {
        var self = Self;
        var starting = Process.StartLink(Slow, self).AsTask();
        var child = (Pid)await Receive();
        Assert.False(starting.IsCompleted);
        Send(child, "go");
        Assert.Equal(child, await starting);
        Assert.Equal(ExitReason.Normal, await EndOf(child, () => Send(child, "end")));
    });

    private static async ProcessTask<Next> Slow(Pid starter)
    {
        Send(starter, Self);
        await Receive();
        InitAck();
        InitAck();
        await Receive();
        return Next.End;
    }
}
