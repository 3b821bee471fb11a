using Midflight.Tests.Processes;
using static Midflight.GenServer;
using static Midflight.GenStateMachine;
using static Midflight.Process;

namespace Midflight.Tests.StateMachines;

public sealed class GenStateMachineTests : ProcessTest
{
    internal enum Place
    {
        A,
        B,
        C,
    }

    /// <summary>Writes down what it handles; a message that says what to do is done.</summary>
    internal sealed class Writing : GenStateMachine<Place, string>
    {
        internal delegate Transition<Place, string> Doing(Place state, string data);

        internal static Transition<Place, string> To(Place state, string data) => NextState(state, data);

        internal static Transition<Place, string> Stay() => KeepStateAndData();

        internal static Transition<Place, string> With(string data) => KeepState(data);

        internal static Transition<Place, string> Again(string data) => RepeatState(data);

        internal static Transition<Place, string> End(ExitReason reason) => Stop(reason);

        internal static From Caller => From;

        protected override bool StateEnter => true;

        protected override Transition<Place, string> Init(object? argument) => argument switch
        {
            "ignore" => Ignore(),
            "refuse" => Stop(ExitReason.Other("not today")),
            "nowhere" => KeepStateAndData(),
            Doing doing => doing(Place.A, ""),
            _ => NextState(Place.A, ""),
        };

        protected override Transition<Place, string> Handle(Place state, Event what, string data) => (state, what) switch
        {
            (_, Event.Call("trace")) => KeepState("").Reply(data),
            (_, Event.Call(Doing doing)) => doing(state, data),
            (_, Event.Cast(Doing doing)) => doing(state, data),
            (_, Event.Internal(Doing doing)) => doing(state, data),
            (Place.A, Event.Cast(string and ['l', 'a', 't', 'e', 'r', ..])) => KeepStateAndData().Postpone(),
            (Place.A, Event.Call("later")) => KeepStateAndData().Postpone(),
            (_, Event.Call("later")) => KeepState($"{data}{state}:call later;").Reply($"answered in {state}"),
            (_, Event.Enter(var old)) => KeepState($"{data}{state}:enter from {old};"),
            (_, Event.NamedTimeout(var name, var content)) => KeepState($"{data}{state}:{name} {content};"),
            (_, Event.Timeout(var content)) => KeepState($"{data}{state}:event {content};"),
            (_, Event.StateTimeout(var content)) => KeepState($"{data}{state}:state {content};"),
            (_, Event.Cast(string message)) => KeepState($"{data}{state}:{message};"),
            (_, Event.Internal(string message)) => KeepState($"{data}{state}:{message};"),
            (_, Event.Info(string message)) => KeepState($"{data}{state}:info {message};"),
            _ => base.Handle(state, what, data),
        };

        protected override void Terminate(ExitReason reason, Place state, string data)
        {
            if (WhereIs("witness") is { } witness)
            {
                Send(witness, $"terminated: {reason}, {state}");
            }
        }

        protected override object? FormatStatus(Place state, string data) => $"at {state}";
    }

    private static ValueTask<string> Trace(Pid machine) => Call<string>(machine, "trace");

    private static async Task<Pid> Begun(object? argument = null)
    {
        var machine = await Start<Writing>(argument);
        Assert.Equal("A:enter from A;", await Trace(machine));
        return machine;
    }

    private static void Do(Pid machine, Writing.Doing doing) => Cast(machine, doing);

    [Fact]
    public Task A_call_a_cast_and_a_message_each_come_as_their_event() => Run(async () =>
    {
        var machine = await Begun();
        Assert.Equal(7, await Call<int>(machine, (Writing.Doing)((_, data) => Writing.With(data + "called;").Reply(7))));
        Cast(machine, "cast");
        Send(machine, "plain");
        Assert.Equal("called;A:cast;A:info plain;", await Trace(machine));
    });

    [Fact]
    public Task A_change_of_state_is_entered_and_a_repeated_state_is_entered_again() => Run(async () =>
    {
        var machine = await Begun();
        Do(machine, (_, data) => Writing.To(Place.B, data));
        Do(machine, (_, data) => Writing.To(Place.B, data));
        Do(machine, (_, data) => Writing.Again(data));
        Assert.Equal("B:enter from A;B:enter from B;", await Trace(machine));
    });

    [Fact]
    public Task What_was_postponed_comes_again_after_a_change_of_state_oldest_first_and_not_after_a_repeat() => Run(async () =>
    {
        var machine = await Begun();
        Cast(machine, "later 1");
        Cast(machine, "later 2");
        Do(machine, (_, data) => Writing.Again(data));
        Assert.Equal("A:enter from A;", await Trace(machine));
        Do(machine, (_, data) => Writing.To(Place.B, data));
        Cast(machine, "new");
        Assert.Equal("B:enter from A;B:later 1;B:later 2;B:new;", await Trace(machine));
    });

    [Fact]
    public Task A_postponed_call_is_answered_when_its_turn_comes() => Run(async () =>
    {
        var machine = await Begun();
        var inPlace = Call<string>(machine, "later");
        await Sys.Suspend(machine);
        var queued = Call<string>(machine, "later");
        await Sys.Resume(machine);
        Assert.Equal("", await Trace(machine));
        Assert.False(inPlace.IsCompleted || queued.IsCompleted);
        Do(machine, (_, data) => Writing.To(Place.C, data));
        Assert.Equal("answered in C", await inPlace);
        Assert.Equal("answered in C", await queued);
    });

    [Fact]
    public Task Next_events_come_first_then_what_was_postponed_then_time_outs_of_zero_then_the_mailbox() => Run(async () =>
    {
        var machine = await Begun();
        Cast(machine, "later");
        await Sys.Suspend(machine);
        Do(machine, (_, data) => Writing.To(Place.B, data)
            .NextEvent(new Event.Internal("first"))
            .NextEvent(new Event.Cast("second"))
            .StateTimeout(TimeSpan.Zero, "zero")
            .EventTimeout(TimeSpan.Zero, "cancelled by the others")
            .NamedTimeout("named", TimeSpan.Zero, "zero"));
        Cast(machine, "mailbox");
        await Sys.Resume(machine);
        Assert.Equal("B:enter from A;B:first;B:second;B:later;B:state zero;B:named zero;B:mailbox;", await Trace(machine));
        // As observed of OTP 25.
    });

    [Fact]
    public Task An_event_time_out_of_zero_comes_where_nothing_else_is_to_be_done() => Run(async () =>
    {
        var machine = await Begun();
        Do(machine, (_, _) => Writing.Stay().EventTimeout(TimeSpan.Zero, "zero"));
        Assert.Equal("A:event zero;", await Trace(machine));
    });

    [Fact]
    public Task An_event_time_out_is_put_off_by_any_event() => Run(async () =>
    {
        var machine = await Begun();
        Do(machine, (_, _) => Writing.Stay().EventTimeout(Ms(50), "quiet"));
        await Sys.GetState(machine);
        Time.Advance(Ms(50));
        Assert.Equal("A:event quiet;", await Trace(machine));

        Do(machine, (_, _) => Writing.Stay().EventTimeout(Ms(50), "quiet"));
        Assert.Equal("", await Trace(machine));
        Time.Advance(Ms(100));
        Assert.Equal("", await Trace(machine));
    });

    [Fact]
    public Task A_state_time_out_ends_with_its_state_and_not_before() => Run(async () =>
    {
        var machine = await Begun();
        Do(machine, (_, _) => Writing.Stay().StateTimeout(Ms(50), "one"));
        Do(machine, (_, _) => Writing.Stay().StateTimeout(Ms(80), "two"));
        Cast(machine, "event");
        Assert.Equal("A:event;", await Trace(machine));
        Time.Advance(Ms(79));
        Assert.Equal("", await Trace(machine));
        Time.Advance(Ms(1));
        Assert.Equal("A:state two;", await Trace(machine));

        Do(machine, (_, _) => Writing.Stay().StateTimeout(Ms(50)));
        Do(machine, (_, data) => Writing.To(Place.B, data));
        Assert.Equal("B:enter from A;", await Trace(machine));
        Time.Advance(Ms(50));
        Assert.Equal("", await Trace(machine));
    });

    [Fact]
    public Task Time_outs_with_names_run_side_by_side_over_states_and_are_cancelled_by_an_infinite_one() => Run(async () =>
    {
        var machine = await Begun();
        Do(machine, (_, data) => Writing.To(Place.B, data).NamedTimeout("x", Ms(20), 1).NamedTimeout("y", Ms(10), 2).NamedTimeout("z", Ms(10)));
        Do(machine, (_, data) => Writing.To(Place.C, data).NamedTimeout("z", Timeout.InfiniteTimeSpan));
        await Trace(machine);
        Time.Advance(Ms(20));
        Assert.Equal("C:y 2;C:x 1;", await Trace(machine));
    });

    [Fact]
    public Task A_time_out_that_was_cancelled_when_its_message_was_under_way_does_not_come() => Run(async () =>
    {
        var machine = await Begun();
        Do(machine, (_, _) => Writing.Stay().StateTimeout(Ms(10), "old"));
        await Trace(machine);
        await Sys.Suspend(machine);
        Do(machine, (_, data) => Writing.To(Place.B, data).StateTimeout(Ms(10), "new"));
        Time.Advance(Ms(10));
        await Sys.Resume(machine);
        Assert.Equal("B:enter from A;", await Trace(machine));
        Time.Advance(Ms(10));
        Assert.Equal("B:state new;", await Trace(machine));
    });

    [Fact]
    public Task A_reply_goes_out_before_the_events_that_follow() => Run(async () =>
    {
        var machine = await Begun();
        Assert.Equal("ok", await Call<string>(machine, (Writing.Doing)((_, _) =>
            Writing.Stay().Reply("ok").NextEvent(new Event.Internal((Writing.Doing)((_, _) => throw new FormatException("after")))))));
        await EndOf(machine);
        Assert.Contains("FormatException: after", Assert.Single(Logged));
    });

    [Fact]
    public Task A_caller_may_be_kept_and_answered_later_by_another_process() => Run(async () =>
    {
        var machine = await Begun();
        var kept = default(From);
        var call = Call<string>(machine, (Writing.Doing)((_, _) =>
        {
            kept = Writing.Caller;
            return Writing.Stay();
        }));
        Assert.Equal("", await Trace(machine));
        Spawn(() =>
        {
            Reply(kept, "later");
            return Task.CompletedTask;
        });
        Assert.Equal("later", await call);
    });

    [Fact]
    public Task The_caller_of_what_is_no_call_and_a_reply_to_it_are_refused() => Run(async () =>
    {
        var machine = await Begun();
        var monitor = Monitor(machine);
        Do(machine, (_, _) => Writing.Stay().Reply("nobody asked"));
        var reason = (await Receive<Down>(down => down.Ref == monitor)).Reason;
        Assert.Contains("which is not a call. Read From while you handle the call, and keep it.", reason.Exception!.Message);
    });

    [Fact]
    public Task Init_may_ignore_refuse_or_leave_events_to_itself() => Run(async () =>
    {
        Assert.Equal(default, await Start<Writing>("ignore", "name"));
        Assert.Equal(ExitReason.Other("not today"), (await Assert.ThrowsAsync<StartFailedException>(() => Start<Writing>("refuse", "name").AsTask())).Reason);
        var nowhere = await Assert.ThrowsAsync<StartFailedException>(() => Start<Writing>("nowhere", "name").AsTask());
        Assert.Contains("names no state. End it in NextState(first, data), Ignore or Stop.", nowhere.Message);
        var machine = await Start<Writing>((Writing.Doing)((_, _) => Writing.To(Place.C, "").NextEvent(new Event.Internal("first")).StateTimeout(TimeSpan.Zero)), "name");
        Assert.Equal("C:enter from C;C:first;C:state ;", await Trace(machine));
    });

    [Fact]
    public Task It_stops_after_Terminate_and_callers_who_were_postponed_learn_the_reason() => Run(async () =>
    {
        Register("witness", Self);
        var machine = await Begun();
        var postponed = Call<string>(machine, "later").AsTask();
        Do(machine, (_, _) => Writing.End(ExitReason.Other("enough")));
        Assert.Equal("terminated: enough, A", await Receive<string>());
        Assert.Equal(ExitReason.Other("enough"), (await Assert.ThrowsAsync<CallFailedException>(() => postponed)).Reason);
        Assert.Contains("state:        at A", Assert.Single(Logged));
    });

    [Fact]
    public Task A_callback_that_throws_ends_it_with_a_report() => Run(async () =>
    {
        var machine = await Begun();
        var failed = await Assert.ThrowsAsync<CallFailedException>(() => Call<int>(machine, "unknown").AsTask());
        Assert.Equal(
            $"{typeof(Writing).FullName} does not understand Call {{ Request = unknown }} in the state A. Add it to Handle.", failed.InnerException!.Message);
        Assert.Contains("last message: unknown", Assert.Single(Logged));
    });

    [Fact]
    public Task An_enter_that_changes_the_state_is_refused() => Run(async () =>
    {
        var machine = await Start<Restless>();
        var monitor = Monitor(machine);
        Cast(machine, "go");
        Assert.Contains("Enter may only change data, set time-outs or stop.", (await Receive<Down>(down => down.Ref == monitor)).Reason.Exception!.Message);
    });

    private sealed class Restless : GenStateMachine<int, int>
    {
        protected override bool StateEnter => true;

        protected override Transition<int, int> Init(object? argument) => NextState(0, 0);

        protected override Transition<int, int> Handle(int state, Event what, int data) => what is Event.Enter && state == 0 ? KeepStateAndData() : NextState(state + 1, data);
    }

    [Fact]
    public Task A_message_that_no_one_handles_is_logged() => Run(async () =>
    {
        var machine = await Begun();
        Send(machine, 5);
        Assert.Equal("", await Trace(machine));
        Assert.Contains($"Process {machine} ({typeof(Writing).FullName}) got an unexpected message: 5. Handle it in HandleInfo.", Logged);
    });

    [Fact]
    [Scenario(34, "get_state of each behaviour")]
    public Task Sys_shows_and_replaces_state_and_data_together() => Run(async () =>
    {
        var machine = await Begun();
        Cast(machine, "later");
        Assert.Equal((Place.A, ""), await Sys.GetState(machine));
        Assert.Equal("at A", (await Sys.GetStatus(machine)).State);
        Assert.Equal((Place.B, "new;"), await Sys.ReplaceState(machine, _ => (Place.B, "new;")));
        Do(machine, (_, data) => Writing.To(Place.C, data));
        Assert.Equal("new;C:enter from B;C:later;", await Trace(machine));
    });

    [Fact]
    public Task An_asynchronous_machine_keeps_its_messages_waiting_and_may_call_others() => Run(async () =>
    {
        var other = await Begun();
        var machine = await Start<Asking>(other);
        Assert.Equal("A:event;", await Call<string>(machine, "ask"));
        Cast(machine, "postponed");
        var call = Call<string>(machine, "ask");
        Assert.Equal("", await call);
        Assert.Equal((1, other), await Sys.GetState(machine));
    });

    private sealed class Asking : GenStateMachine<int, Pid>
    {
        protected override async ValueTask<Transition<int, Pid>> InitAsync(object? argument)
        {
            Cast((Pid)argument!, "event");
            await Sys.GetState((Pid)argument!);
            return NextState(0, (Pid)argument!);
        }

        protected override async ValueTask<Transition<int, Pid>> HandleAsync(int state, Event what, Pid other) => what switch
        {
            Event.Call => KeepStateAndData().Reply(await Trace(other)),
            Event.Cast when state == 0 => NextState(1, other).Postpone(),
            _ => KeepStateAndData(),
        };
    }

    [Fact]
    public Task It_is_a_child_of_a_supervisor_like_any_other() => Run(async () =>
    {
        var supervisor = await Start<Parent>();
        var child = (await Supervisor.WhichChildren(supervisor))[0].Pid;
        Assert.Equal(child, WhereIs("machine"));
        Exit(child, ExitReason.Kill);
        await EndOf(child);
        await Until(() => WhereIs("machine") is { } again && again != child);
        Assert.Equal("A:enter from A;", await Call<string>("machine", "trace"));
    });

    private sealed class Parent : Supervisor
    {
        protected override SupervisorSpec Init(object? argument) => new(Strategy.OneForOne, [Child.Of<Writing>() with { Name = "machine" }]);
    }

    /// <summary>Gives itself calls.</summary>
    private sealed class SelfCalling : GenStateMachine<int, From>
    {
        protected override Transition<int, From> Init(object? argument) => NextState(0, default);

        protected override Transition<int, From> Handle(int state, Event what, From kept) => what switch
        {
            Event.Call("ask") => KeepStateAndData().NextEvent(new Event.Call("inner")),
            Event.Call("inner") => KeepStateAndData().Reply("later"),
            Event.Call("postponed") when state == 0 => KeepStateAndData().Postpone(),
            Event.Call("postponed") => KeepStateAndData().NextEvent(new Event.Call("inner")),
            Event.Call("keep") => KeepState(From),
            Event.Cast("answer") => NextState(1, default(From)).NextEvent(new Event.Call("inner"), kept),
            Event.Cast("nobody") => KeepStateAndData().NextEvent(new Event.Call("inner")),
            Event.Cast("none") => KeepStateAndData().NextEvent(new Event.Call("inner"), default),
            Event.Cast("go on") => NextState(1, kept),
            _ => base.Handle(state, what, kept),
        };
    }

    [Fact]
    public Task A_call_that_the_machine_gives_itself_answers_the_caller_in_hand() => Run(async () =>
    {
        var machine = await Start<SelfCalling>();
        Assert.Equal("later", await Call<string>(machine, "ask"));
        var postponed = Call<string>(machine, "postponed");
        Cast(machine, "go on");
        Assert.Equal("later", await postponed);
    });

    [Fact]
    public Task A_call_that_the_machine_gives_itself_answers_the_caller_that_is_named() => Run(async () =>
    {
        var machine = await Start<SelfCalling>();
        var kept = Call<string>(machine, "keep");
        Cast(machine, "answer");
        Assert.Equal("later", await kept);
    });

    [Theory]
    [InlineData("nobody", "so nobody waits for the reply. Name the caller with NextEvent(call, from), or insert an Event.Internal.")]
    [InlineData("none", "this From belongs to no call")]
    public Task A_call_that_the_machine_gives_itself_for_nobody_is_refused(string cast, string sentence) => Run(async () =>
    {
        var machine = await Start<SelfCalling>();
        var reason = await EndOf(machine, () => Cast(machine, cast));
        Assert.Contains(sentence, reason.Exception!.Message);
    });

    /// <summary>Stops as soon as it enters its first state.</summary>
    private sealed class Brief : GenStateMachine<string, Pid>
    {
        protected override bool StateEnter => true;

        protected override Transition<string, Pid> Init(object? argument) => NextState("first", (Pid)argument!);

        protected override Transition<string, Pid> Handle(string state, Event what, Pid data) => Stop(ExitReason.Shutdown);

        protected override void Terminate(ExitReason reason, string state, Pid data) => Send(data, $"{state}: {reason}");
    }

    [Fact]
    public Task Stop_from_the_first_state_enter_call_is_after_the_start_and_terminates() => Run(async () =>
    {
        var machine = await Start<Brief>(Self);
        Assert.NotEqual(default, machine);
        Assert.Equal("first: shutdown", await Receive());
        Assert.Contains(await EndOf(machine), new[] { ExitReason.Shutdown, ExitReason.NoProcess });
    });

    /// <summary>Stops with other data, and is entered.</summary>
    private sealed class Parting : GenStateMachine<string, string>
    {
        protected override bool StateEnter => true;

        protected override Transition<string, string> Init(object? argument) => Stop(ExitReason.Other("refused"), "data");

        protected override Transition<string, string> Handle(string state, Event what, string data) => what switch
        {
            Event.Enter => KeepState(data + " entered"),
            Event.Call("data") => KeepStateAndData().Reply(data),
            Event.Call("stop") => Stop(ExitReason.Shutdown, data + " stopped").Reply("bye"),
            _ => base.Handle(state, what, data),
        };

        protected override void Terminate(ExitReason reason, string state, string data) => Send(WhereIs("witness")!.Value, $"{state}, {data}: {reason}");
    }

    [Fact]
    public Task Stop_with_new_data_hands_it_to_terminate() => Run(async () =>
    {
        Register("witness", Self);
        var machine = Spawn(() => new ProcessTask<Next>(GenStateMachine.EnterLoop<Parting, string, string>("last", "data")));
        Assert.Equal("data entered", await Call<string>(machine, "data"));
        Assert.Equal("bye", await Call<string>(machine, "stop"));
        Assert.Equal("last, data entered stopped: shutdown", await Receive());
        Assert.Equal(ExitReason.Other("refused"), (await Assert.ThrowsAsync<StartFailedException>(() => Start<Parting>().AsTask())).Reason);
    });
}
