using Midflight.Testing;

namespace Midflight.Tests.Supervision;

public sealed class SupervisorTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly CapturedLog _log = new();
    private readonly Diary _diary = new();
    private readonly Node _node;

    public SupervisorTests() => _node = new Node(_log, _time);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    private ChildSpec Spec(string name, Func<Worker.Duty, Worker.Duty>? duty = null) => _diary.Spec(name, duty);

    private static ValueTask<Pid> Start(Strategy strategy, params ChildSpec[] children) =>
        GenServer.Start<Family>(new SupervisorSpec(strategy, children) { Intensity = Kin.Plenty });

    [Fact]
    public Task Children_start_in_order_and_stop_in_reverse() => _node.Run(async () =>
    {
        var supervisor = await Start(Strategy.OneForOne, Spec("a", Trapping), Spec("b", Trapping), Spec("c", Trapping));

        await Sys.Terminate(supervisor, ExitReason.Shutdown);
        await Kin.Ended(supervisor);

        Assert.Equal(
            ["a starts", "b starts", "c starts",
             "c is asked: shutdown", "c ends", "b is asked: shutdown", "b ends", "a is asked: shutdown", "a ends"],
            _diary.Lines);
    });

    private static Worker.Duty Trapping(Worker.Duty duty) => duty with { TrapsExits = true };

    [Fact]
    public Task One_for_one_restarts_only_the_child_that_ended() => _node.Run(async () =>
    {
        var supervisor = await Start(Strategy.OneForOne, Spec("a"), Spec("b"), Spec("c"));
        var before = await Supervisor.WhichChildren(supervisor);

        await Kin.End(before[1].Pid, "crash");
        var after = await Supervisor.WhichChildren(supervisor);

        Assert.Equal(before[0], after[0]);
        Assert.NotEqual(before[1].Pid, after[1].Pid);
        Assert.True(after[1].Pid.IsAlive);
        Assert.Equal(before[2], after[2]);
    });

    [Fact]
    public Task One_for_all_stops_the_others_in_reverse_and_starts_all_in_order() => _node.Run(async () =>
    {
        var supervisor = await Start(Strategy.OneForAll, Spec("a", Trapping), Spec("b"), Spec("c", Trapping));
        _diary.Clear();

        await Kin.End(await Kin.PidOf(supervisor, "b"), "crash");
        await Supervisor.WhichChildren(supervisor);

        Assert.Equal(
            ["b ends", "c is asked: shutdown", "c ends", "a is asked: shutdown", "a ends", "a starts", "b starts", "c starts"],
            _diary.Lines);
    });

    [Fact]
    public Task Rest_for_one_restarts_the_child_and_those_behind_it() => _node.Run(async () =>
    {
        var supervisor = await Start(Strategy.RestForOne, Spec("a", Trapping), Spec("b"), Spec("c", Trapping));
        _diary.Clear();

        await Kin.End(await Kin.PidOf(supervisor, "b"), "crash");
        await Supervisor.WhichChildren(supervisor);

        Assert.Equal(["b ends", "c is asked: shutdown", "c ends", "b starts", "c starts"], _diary.Lines);
    });

    [Theory]
    [InlineData(Restart.Permanent, "normal", true)]
    [InlineData(Restart.Permanent, "shutdown", true)]
    [InlineData(Restart.Permanent, "broken", true)]
    [InlineData(Restart.Transient, "normal", false)]
    [InlineData(Restart.Transient, "shutdown", false)]
    [InlineData(Restart.Transient, "broken", true)]
    [InlineData(Restart.Temporary, "normal", false)]
    [InlineData(Restart.Temporary, "broken", false)]
    public Task A_child_starts_again_as_its_restart_type_says(Restart restart, string reason, bool again) => _node.Run(async () =>
    {
        var supervisor = await Start(Strategy.OneForOne, Spec("a") with { Restart = restart });

        await Kin.End(await Kin.PidOf(supervisor, "a"), reason switch
        {
            "normal" => ExitReason.Normal,
            "shutdown" => ExitReason.Shutdown,
            _ => ExitReason.Other(reason),
        });

        Assert.Equal(again ? 1 : 0, (await Supervisor.CountChildren(supervisor)).Active);
    });

    [Fact]
    public Task A_temporary_child_that_ended_is_forgotten_a_transient_one_is_kept() => _node.Run(async () =>
    {
        var supervisor = await Start(
            Strategy.OneForOne, Spec("a") with { Restart = Restart.Temporary }, Spec("b") with { Restart = Restart.Transient });

        await Kin.End(await Kin.PidOf(supervisor, "a"), ExitReason.Normal);
        await Kin.End(await Kin.PidOf(supervisor, "b"), ExitReason.Normal);

        Assert.Equal(["b"], (await Supervisor.WhichChildren(supervisor)).Select(child => child.Id));
        Assert.True((await Supervisor.RestartChild(supervisor, "b")).IsAlive);
    });

    [Fact]
    public Task A_supervisor_gives_up_at_one_restart_too_many_and_stops_its_other_children() => _node.Run(async () =>
    {
        var supervisor = await GenServer.Start<Family>(new SupervisorSpec(Strategy.OneForOne, [Spec("a"), Spec("b", Trapping)]));
        var other = await Kin.PidOf(supervisor, "b");

        await Kin.End(await Kin.PidOf(supervisor, "a"), "crash");
        Assert.True(supervisor.IsAlive);
        await Kin.End(await Kin.PidOf(supervisor, "a"), "crash");

        await Kin.Ended(supervisor);
        Assert.False(other.IsAlive);
        Assert.Contains("b is asked: shutdown", _diary.Lines);
        Assert.True(_log.Says("gives up: child a ended again, and its limit is 1 restart within 5 s."));
    });

    [Fact]
    public Task Restarts_older_than_the_window_do_not_count() => _node.Run(async () =>
    {
        var supervisor = await GenServer.Start<Family>(new SupervisorSpec(Strategy.OneForOne, [Spec("a")]));

        for (var i = 0; i < 5; i++)
        {
            await Kin.End(await Kin.PidOf(supervisor, "a"), "crash");
            Assert.True((await Kin.PidOf(supervisor, "a")).IsAlive);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.True(supervisor.IsAlive);
    });

    [Fact]
    public Task A_start_that_fails_at_a_restart_counts_as_a_restart() => _node.Run(async () =>
    {
        var starts = 0;
        var supervisor = await GenServer.Start<Family>(
            new SupervisorSpec(Strategy.OneForOne, [Spec("a", duty => duty with { Fails = () => ++starts > 1 })])
            {
                Intensity = new(4, TimeSpan.FromSeconds(5)),
            });

        await Kin.End(await Kin.PidOf(supervisor, "a"), "crash");
        await Kin.Ended(supervisor);

        // The first, and four that failed.
        Assert.Equal(5, starts);
    });

    [Fact]
    public Task A_start_that_fails_at_a_restart_is_tried_again_until_it_works() => _node.Run(async () =>
    {
        var starts = 0;
        var supervisor = await Start(Strategy.OneForAll, Spec("a"), Spec("b", duty => duty with { Fails = () => ++starts is > 1 and < 10 }));

        await Kin.End(await Kin.PidOf(supervisor, "a"), "crash");

        while ((await Supervisor.CountChildren(supervisor)).Active < 2)
        {
        }

        Assert.Equal(10, starts);
    });

    [Fact]
    public Task A_child_that_does_not_end_in_time_is_killed() => _node.Run(async () =>
    {
        var never = new TaskCompletionSource();
        var supervisor = await Start(
            Strategy.OneForOne,
            Spec("a", duty => duty with { TrapsExits = true, Done = never.Task }) with { Shutdown = Shutdown.After(TimeSpan.FromSeconds(3)) });
        var child = await Kin.PidOf(supervisor, "a");

        var terminating = Supervisor.TerminateChild(supervisor, "a");
        await _diary.Until("a is asked: shutdown");
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(child.IsAlive);

        while (child.IsAlive)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await terminating;

        Assert.False(child.IsAlive);
        Assert.True(_log.Says($"child a {child} did not shut down cleanly: killed. Its shutdown is 3000 ms."));
    });

    [Fact]
    public Task A_child_with_brutal_shutdown_is_not_asked() => _node.Run(async () =>
    {
        var supervisor = await Start(Strategy.OneForOne, Spec("a", Trapping) with { Shutdown = Shutdown.Brutal });

        await Supervisor.TerminateChild(supervisor, "a");

        Assert.Equal(["a starts"], _diary.Lines);
        Assert.Empty(_log.Lines);
    });

    [Fact]
    public Task A_supervisor_answers_after_a_child_whose_start_takes_time() => _node.Run(async () =>
    {
        var ready = new TaskCompletionSource();
        var supervisor = await Start(Strategy.OneForOne);

        var starting = Supervisor.StartChild(supervisor, Spec("a", duty => duty with { Ready = ready.Task }));
        var counting = Supervisor.CountChildren(supervisor);
        Assert.False(starting.IsCompleted);
        Assert.False(counting.IsCompleted);
        ready.SetResult();

        Assert.True((await starting).IsAlive);
        Assert.Equal(new ChildCount(Specs: 1, Active: 1, Supervisors: 0, Workers: 1), await counting);
    });

    [Fact]
    public Task A_supervisor_whose_child_does_not_start_stops_the_others_and_says_which() => _node.Run(async () =>
    {
        var failure = await Assert.ThrowsAsync<StartFailedException>(async () => await Start(
            Strategy.OneForOne, Spec("a", Trapping), Spec("b", duty => duty with { Fails = () => true }), Spec("c")));

        Assert.Equal(
            "Midflight.Tests.Supervision.Family was not started: shutdown: its child 'b' did not start (InvalidOperationException: no duty today).",
            failure.Message);
        Assert.Equal(["a starts", "b fails", "a is asked: shutdown", "a ends"], _diary.Lines);
    });

    [Fact]
    public Task A_child_that_ignores_is_known_and_does_not_run() => _node.Run(async () =>
    {
        var supervisor = await Start(Strategy.OneForOne, Spec("a", duty => duty with { Ignores = true }));

        Assert.Equal(new ChildCount(Specs: 1, Active: 0, Supervisors: 0, Workers: 1), await Supervisor.CountChildren(supervisor));
    });

    [Fact]
    public Task Children_are_terminated_restarted_deleted_and_started() => _node.Run(async () =>
    {
        var supervisor = await Start(Strategy.OneForOne, Spec("a"));

        await Supervisor.TerminateChild(supervisor, "a");
        Assert.Equal(default, await Kin.PidOf(supervisor, "a"));
        Assert.True((await Supervisor.RestartChild(supervisor, "a")).IsAlive);
        await Supervisor.TerminateChild(supervisor, "a");
        await Supervisor.DeleteChild(supervisor, "a");
        Assert.Empty(await Supervisor.WhichChildren(supervisor));
        Assert.True((await Supervisor.StartChild(supervisor, Spec("a"))).IsAlive);
    });

    [Fact]
    public Task Refusals_name_the_supervisor_the_child_and_what_to_do() => _node.Run(async () =>
    {
        var supervisor = await Start(Strategy.OneForOne, Spec("a"), Spec("b"));
        var pid = await Kin.PidOf(supervisor, "a");
        const string Name = "Midflight.Tests.Supervision.Family";

        await Refused(ChildRefusal.NotFound, $"{Name} has no child 'x'; it has 'a', 'b'.", Supervisor.TerminateChild(supervisor, "x"));
        await Refused(ChildRefusal.Running, $"Child 'a' of {Name} is running as {pid}. Terminate it first.", Supervisor.DeleteChild(supervisor, "a"));
        await Refused(
            ChildRefusal.AlreadyStarted,
            $"{Name} already has a child 'a', running as {pid}. Use that one, or choose another id.",
            Discard(Supervisor.StartChild(supervisor, Spec("a"))));
        Assert.Equal(pid, (await Assert.ThrowsAsync<ChildRefusedException>(async () => await Supervisor.StartChild(supervisor, Spec("a")))).AlreadyStarted);
        await Supervisor.TerminateChild(supervisor, "b");
        await Refused(
            ChildRefusal.AlreadyPresent,
            $"{Name} already has a child 'b', which does not run. Restart it, delete it first, or choose another id.",
            Discard(Supervisor.StartChild(supervisor, Spec("b"))));
        await Refused(
            ChildRefusal.StartFailed,
            $"{Name} did not start its child 'c': InvalidOperationException: no duty today",
            Discard(Supervisor.StartChild(supervisor, Spec("c", duty => duty with { Fails = () => true }))));
        Assert.Equal(2, (await Supervisor.CountChildren(supervisor)).Specs);

        static async ValueTask Discard(ValueTask<Pid> pid) => await pid;

        static async Task Refused(ChildRefusal refusal, string sentence, ValueTask asked)
        {
            var refused = await Assert.ThrowsAsync<ChildRefusedException>(async () => await asked);
            Assert.Equal(refusal, refused.Refusal);
            Assert.Equal(sentence, refused.Message);
        }
    });

    [Fact]
    public Task Two_children_with_one_id_are_refused() => _node.Run(async () =>
    {
        var failure = await Assert.ThrowsAsync<StartFailedException>(async () => await Start(Strategy.OneForOne, Spec("a"), Spec("a")));

        Assert.Contains(
            "Midflight.Tests.Supervision.Family has two children with the id 'a'. Give one of them another: `Child.Of<…>() with { Id = \"…\" }`.",
            failure.Message,
            StringComparison.Ordinal);
    });

    [Fact]
    public void A_child_that_is_no_behaviour_is_refused_at_the_door() => Assert.Contains(
        "System.String cannot be started by a supervisor",
        Assert.Throws<ArgumentException>(() => Child.Of(typeof(string))).Message,
        StringComparison.Ordinal);

    [Fact]
    public Task A_plain_process_is_a_child_too() => _node.Run(async () =>
    {
        var supervisor = await Start(Strategy.OneForOne, Child.Running(Loop, _diary) with { Name = "loop" });
        Assert.Equal("Loop", (await Supervisor.WhichChildren(supervisor))[0].Id);
        var first = Process.WhereIs("loop")!.Value;

        var monitor = Process.Monitor(first);
        Process.Exit(first, ExitReason.Kill);
        await Process.Receive<Down>(down => down.Ref == monitor);
        await Supervisor.WhichChildren(supervisor);

        Assert.NotEqual(first, Process.WhereIs("loop"));
        await Sys.Terminate(supervisor, ExitReason.Shutdown);
        await Kin.Ended(supervisor);
        Assert.Null(Process.WhereIs("loop"));
    });

    private static async ProcessTask<Next> Loop(Diary diary)
    {
        await Process.Receive();
        return Next.Current(Loop, diary);
    }

    [Fact]
    public Task A_supervisor_ends_with_the_process_that_started_it_and_its_children_with_it() => _node.Run(async () =>
    {
        var spec = new SupervisorSpec(Strategy.OneForOne, [Spec("a", Trapping)]);
        var told = Process.Self;
        var parent = Process.Spawn(async () =>
        {
            Process.Send(told, await GenServer.StartLink<Family>(spec));
            await Process.Receive();
        });
        var supervisor = (Pid)await Process.Receive();

        Process.Exit(parent, ExitReason.Shutdown);
        await Kin.Ended(supervisor);

        Assert.Equal(["a starts", "a is asked: shutdown", "a ends"], _diary.Lines);
    });

    [Fact]
    public Task A_killed_supervisor_takes_its_children_with_it() => _node.Run(async () =>
    {
        var supervisor = await Start(Strategy.OneForOne, Spec("a"), Spec("b"));
        var children = await Supervisor.WhichChildren(supervisor);

        Process.Exit(supervisor, ExitReason.Kill);

        foreach (var child in children)
        {
            await Kin.Ended(child.Pid);
        }
    });

    [Fact]
    public Task Supervisors_of_supervisors_stop_from_the_leaves_up() => _node.Run(async () =>
    {
        var inner = new SupervisorSpec(Strategy.OneForOne, [Spec("leaf", Trapping)]);
        var supervisor = await Start(Strategy.OneForOne, Spec("a", Trapping), Child.Of<Family>(inner) with { Id = "inner" });
        Assert.Equal(new ChildCount(Specs: 2, Active: 2, Supervisors: 1, Workers: 1), await Supervisor.CountChildren(supervisor));
        _diary.Clear();

        await Sys.Terminate(supervisor, ExitReason.Shutdown);
        await Kin.Ended(supervisor);

        Assert.Equal(["leaf is asked: shutdown", "leaf ends", "a is asked: shutdown", "a ends"], _diary.Lines);
    });

    [Fact]
    public Task A_whole_tree_stops_from_its_leaves_up_and_the_newest_first() => _node.Run(async () =>
    {
        var never = new TaskCompletionSource();
        ChildSpec Branch(string name, params ChildSpec[] children) =>
            Child.Of<Family>(new SupervisorSpec(Strategy.OneForOne, children)) with { Id = name };
        var supervisor = await Start(
            Strategy.OneForOne,
            Spec("a", Trapping),
            Branch("left", Spec("b", Trapping), Branch("inner", Spec("c", Trapping), Spec("d", duty => duty with { TrapsExits = true, Done = never.Task }) with { Shutdown = Shutdown.Brutal })),
            Branch("right", Spec("e", Trapping), Child.Of<DynamicSupervisorTests.Crowd>(new DynamicSupervisorSpec()) with { Id = "crowd" }, Spec("f", Trapping)));
        var crowd = await Kin.PidOf(await Kin.PidOf(supervisor, "right"), "crowd");
        await DynamicSupervisor.StartChild(crowd, Spec("g", Trapping));
        await Supervisor.StartChild(supervisor, Spec("late", Trapping));
        _diary.Clear();

        await Sys.Terminate(supervisor, ExitReason.Shutdown);
        await Kin.Ended(supervisor);

        // Each is asked only when those behind it have ended; the child with brutal shutdown is not asked.
        Assert.Equal(
            "late f g e c b a".Split(' ').SelectMany(name => new[] { $"{name} is asked: shutdown", $"{name} ends" }),
            _diary.Lines);
    });

    [Fact]
    public Task What_a_supervisor_knows_of_a_child_is_told_and_can_start_another() => _node.Run(async () =>
    {
        var supervisor = await Start(Strategy.OneForOne, Spec("a") with { Restart = Restart.Transient });

        var spec = await Supervisor.GetChildSpec(supervisor, "a");

        Assert.Equal(("a", Restart.Transient, Shutdown.Default), (spec.Id, spec.Restart, spec.Shutdown));
        Assert.True((await Supervisor.StartChild(supervisor, spec with { Id = "b" })).IsAlive);
        Assert.Equal(
            ChildRefusal.NotFound,
            (await Assert.ThrowsAsync<ChildRefusedException>(async () => await Supervisor.GetChildSpec(supervisor, "x"))).Refusal);
    });

    [Fact]
    public Task The_end_of_a_child_is_reported() => _node.Run(async () =>
    {
        var supervisor = await Start(Strategy.OneForOne, Spec("a"));
        var child = await Kin.PidOf(supervisor, "a");

        await Kin.End(child, "crash");
        await Supervisor.WhichChildren(supervisor);

        Assert.True(_log.Says(
            $"Supervisor {supervisor} (Midflight.Tests.Supervision.Family): child a {child} ended: InvalidOperationException: crashed on request. It is Permanent."));
    });

    [Fact]
    public Task A_stray_cast_is_logged_and_a_stray_call_fails_and_the_children_live_on() => _node.Run(async () =>
    {
        var supervisor = await Start(Strategy.OneForOne, Spec("a"));
        var child = await Kin.PidOf(supervisor, "a");
        GenServer.Cast(supervisor, "what");
        Assert.Contains("does not understand the call what", (await Assert.ThrowsAsync<NotSupportedException>(async () => await GenServer.Call<object>(supervisor, "what"))).Message);
        Assert.Equal(child, await Kin.PidOf(supervisor, "a"));
        Assert.True(_log.Says("got a cast, which it does not accept: what. Cast to its children."));
    });

    [Fact]
    public Task A_supervisor_is_stopped_with_its_children_and_waited_for() => _node.Run(async () =>
    {
        var supervisor = await Start(Strategy.OneForOne, Spec("a"), Spec("b"));
        await Supervisor.Stop(supervisor);
        Assert.False(supervisor.IsAlive);
        Assert.Equal(1, _node.ProcessCount);
    });

    [Fact]
    public Task A_child_that_takes_longer_to_start_than_it_may_is_refused_and_leaves_nothing() => _node.Run(async () =>
    {
        var supervisor = await Start(Strategy.OneForOne);
        var slow = _diary.Spec("slow", duty => duty with { Ready = new TaskCompletionSource().Task }) with { Name = "slow", StartTimeout = TimeSpan.FromMilliseconds(10) };
        var starting = Supervisor.StartChild(supervisor, slow).AsTask();

        while (!starting.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        var refused = await Assert.ThrowsAsync<ChildRefusedException>(() => starting);
        Assert.Equal((ChildRefusal.StartFailed, ExitReason.TimedOut), (refused.Refusal, refused.Reason));
        Assert.Equal((null, 2), (Process.WhereIs("slow"), _node.ProcessCount));
    });

    [Fact]
    public Task Start_child_or_find_gives_the_child_that_runs_under_the_id() => _node.Run(async () =>
    {
        var supervisor = await Start(Strategy.OneForOne);
        var child = await Supervisor.StartChildOrFind(supervisor, Spec("a"));
        Assert.Equal(child, await Supervisor.StartChildOrFind(supervisor, Spec("a")));
        await Supervisor.TerminateChild(supervisor, "a");
        Assert.Equal(ChildRefusal.AlreadyPresent, (await Assert.ThrowsAsync<ChildRefusedException>(async () => await Supervisor.StartChildOrFind(supervisor, Spec("a")))).Refusal);
    });

    [Fact]
    public Task A_supervisor_needs_no_class_of_its_own() => _node.Run(async () =>
    {
        var supervisor = await Supervisor.StartLink(
            new SupervisorSpec(
                Strategy.OneForAll,
                [
                    Spec("a"),
                    Child.Of(new DynamicSupervisorSpec { MaxChildren = 1 }) with { Id = "many", Name = "many" },
                    Child.Of(new SupervisorSpec(Strategy.OneForOne, [Spec("b")])) with { Id = "inner", Name = "inner" },
                ]),
            "outer");
        Assert.Equal(supervisor, Process.WhereIs("outer"));
        Assert.Equal(new ChildCount(Specs: 3, Active: 3, Supervisors: 2, Workers: 1), await Supervisor.CountChildren(supervisor));
        await DynamicSupervisor.StartChild("many", Spec("c"));
        Assert.Equal(ChildRefusal.MaxChildren, (await Assert.ThrowsAsync<ChildRefusedException>(async () => await DynamicSupervisor.StartChild("many", Spec("d")))).Refusal);
        Assert.Equal("b", Assert.Single(await Supervisor.WhichChildren("inner")).Id);
        await Supervisor.Stop(supervisor);
        Assert.Equal(1, _node.ProcessCount);
        Assert.True((await DynamicSupervisor.StartLink(new DynamicSupervisorSpec(), "many")).IsAlive);
    });
}
