using Midflight.Testing;

namespace Midflight.Tests.Supervision;

public sealed class DynamicSupervisorTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly CapturedLog _log = new();
    private readonly Diary _diary = new();
    private readonly Node _node;

    public DynamicSupervisorTests() => _node = new Node(_log, _time);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    public sealed class Crowd : DynamicSupervisor
    {
        protected override DynamicSupervisorSpec Init(object? argument) => (DynamicSupervisorSpec)argument!;
    }

    private static ValueTask<Pid> Start(int max = int.MaxValue) =>
        GenServer.Start<Crowd>(new DynamicSupervisorSpec { MaxChildren = max, Intensity = Kin.Plenty });

    [Fact]
    public Task Children_with_one_id_are_started_on_demand() => _node.Run(async () =>
    {
        var supervisor = await Start();

        var first = await DynamicSupervisor.StartChild(supervisor, _diary.Spec("a"));
        var second = await DynamicSupervisor.StartChild(supervisor, _diary.Spec("a"));

        Assert.NotEqual(first, second);
        Assert.Equal(new ChildCount(Specs: 2, Active: 2, Supervisors: 0, Workers: 2), await DynamicSupervisor.CountChildren(supervisor));
        Assert.Equal(new[] { first, second }.ToHashSet(), (await DynamicSupervisor.WhichChildren(supervisor)).Select(child => child.Pid).ToHashSet());
    });

    [Theory]
    [InlineData(Restart.Permanent, true)]
    [InlineData(Restart.Transient, true)]
    [InlineData(Restart.Temporary, false)]
    public Task A_child_that_crashes_starts_again_as_its_restart_type_says(Restart restart, bool again) => _node.Run(async () =>
    {
        var supervisor = await Start();
        var child = await DynamicSupervisor.StartChild(supervisor, _diary.Spec("a") with { Restart = restart });

        await Kin.End(child, "crash");

        Assert.Equal(again ? 1 : 0, (await DynamicSupervisor.CountChildren(supervisor)).Active);
        Assert.True(_log.Says($"(Midflight.Tests.Supervision.DynamicSupervisorTests+Crowd): child a {child} ended: InvalidOperationException: crashed on request. It is {restart}."));
    });

    [Fact]
    public Task More_children_than_allowed_are_refused() => _node.Run(async () =>
    {
        var supervisor = await Start(max: 1);
        var child = await DynamicSupervisor.StartChild(supervisor, _diary.Spec("a"));

        var refused = await Assert.ThrowsAsync<ChildRefusedException>(async () => await DynamicSupervisor.StartChild(supervisor, _diary.Spec("b")));
        Assert.Equal(ChildRefusal.MaxChildren, refused.Refusal);
        Assert.Equal(
            "Midflight.Tests.Supervision.DynamicSupervisorTests+Crowd has 1 children, and its MaxChildren is 1. Wait until one ends, or raise MaxChildren.",
            refused.Message);
        await DynamicSupervisor.TerminateChild(supervisor, child);
        Assert.False(child.IsAlive);
        Assert.True((await DynamicSupervisor.StartChild(supervisor, _diary.Spec("b"))).IsAlive);
    });

    [Fact]
    public Task A_child_that_does_not_start_is_refused_with_its_reason() => _node.Run(async () =>
    {
        var supervisor = await Start();

        var refused = await Assert.ThrowsAsync<ChildRefusedException>(
            async () => await DynamicSupervisor.StartChild(supervisor, _diary.Spec("a", duty => duty with { Fails = () => true })));

        Assert.Equal(ChildRefusal.StartFailed, refused.Refusal);
        Assert.Equal("no duty today", refused.InnerException!.Message);
        Assert.Equal(0, (await DynamicSupervisor.CountChildren(supervisor)).Specs);
    });

    [Fact]
    public Task A_child_that_is_none_is_refused() => _node.Run(async () =>
    {
        var supervisor = await Start();

        var refused = await Assert.ThrowsAsync<ChildRefusedException>(async () => await DynamicSupervisor.TerminateChild(supervisor, Process.Self));

        Assert.Equal($"Midflight.Tests.Supervision.DynamicSupervisorTests+Crowd has no child {Process.Self}; it may have ended.", refused.Message);
    });

    [Fact]
    public Task A_start_that_takes_time_is_waited_for_and_others_after_it() => _node.Run(async () =>
    {
        var supervisor = await Start();
        var ready = new TaskCompletionSource();

        var first = DynamicSupervisor.StartChild(supervisor, _diary.Spec("a", duty => duty with { Ready = ready.Task }));
        var second = DynamicSupervisor.StartChild(supervisor, _diary.Spec("b"));
        Assert.False(second.IsCompleted);
        ready.SetResult();

        Assert.True((await first).IsAlive);
        Assert.True((await second).IsAlive);
        Assert.Equal(["a starts", "b starts"], _diary.Lines);
    });

    [Fact]
    public Task All_children_are_asked_at_once_and_the_slow_ones_killed() => _node.Run(async () =>
    {
        var supervisor = await Start();
        var never = new TaskCompletionSource();
        var slow = new List<Pid>();

        foreach (var name in "abc".Select(letter => letter.ToString()))
        {
            slow.Add(await DynamicSupervisor.StartChild(
                supervisor,
                _diary.Spec(name, duty => duty with { TrapsExits = true, Done = name == "b" ? null : never.Task }) with { Shutdown = Shutdown.After(TimeSpan.FromSeconds(name == "a" ? 1 : 2)) }));
        }

        await Sys.Terminate(supervisor, ExitReason.Shutdown);
        await _diary.Until("a is asked: shutdown");
        await _diary.Until("b ends");
        await _diary.Until("c is asked: shutdown");

        while (supervisor.IsAlive)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.All(slow, child => Assert.False(child.IsAlive));
        Assert.DoesNotContain("a ends", _diary.Lines);
    });

    [Fact]
    public Task A_dynamic_supervisor_gives_up_at_one_restart_too_many() => _node.Run(async () =>
    {
        var supervisor = await GenServer.Start<Crowd>(new DynamicSupervisorSpec());
        var other = await DynamicSupervisor.StartChild(supervisor, _diary.Spec("other"));
        var child = await DynamicSupervisor.StartChild(supervisor, _diary.Spec("a"));

        await Kin.End(child, "crash");
        await Kin.End((await DynamicSupervisor.WhichChildren(supervisor)).Single(status => status.Id == "a").Pid, "crash");
        await Kin.Ended(supervisor);

        Assert.False(other.IsAlive);
    });

    // The first start succeeds, the second fails, and so do all that follow.
    private async Task<(Pid Supervisor, Pid Was)> Failing()
    {
        var starts = 0;
        var supervisor = await GenServer.Start<Crowd>(new DynamicSupervisorSpec { Intensity = new(int.MaxValue, TimeSpan.FromSeconds(1)) });
        var child = await DynamicSupervisor.StartChild(supervisor, _diary.Spec("a", duty => duty with { Fails = () => ++starts > 1 }));
        await Kin.End(child, "crash");
        await _diary.Until("a fails");
        return (supervisor, child);
    }

    [Fact]
    public Task A_child_that_is_being_started_again_is_listed_and_counted() => _node.Run(async () =>
    {
        var (supervisor, _) = await Failing();
        Assert.Equal(
            new ChildStatus("a", default, typeof(Worker).FullName!, IsSupervisor: false, IsRestarting: true),
            Assert.Single(await DynamicSupervisor.WhichChildren(supervisor)));
        Assert.Equal(new ChildCount(Specs: 1, Active: 0, Supervisors: 0, Workers: 1), await DynamicSupervisor.CountChildren(supervisor));
    });

    [Fact]
    public Task A_child_that_is_being_started_again_is_terminated_by_the_process_that_it_was() => _node.Run(async () =>
    {
        var (supervisor, was) = await Failing();
        await DynamicSupervisor.TerminateChild(supervisor, was);
        Assert.Empty(await DynamicSupervisor.WhichChildren(supervisor));
        await Assert.ThrowsAsync<ChildRefusedException>(async () => await DynamicSupervisor.TerminateChild(supervisor, was));
        var tries = _diary.Lines.Count;
        await DynamicSupervisor.CountChildren(supervisor);
        Assert.Equal(tries, _diary.Lines.Count);
    });

    [Fact]
    public Task A_stray_cast_is_logged_and_a_stray_call_fails_and_the_children_live_on() => _node.Run(async () =>
    {
        var supervisor = await Start();
        var child = await DynamicSupervisor.StartChild(supervisor, _diary.Spec("a"));
        GenServer.Cast(supervisor, "what");
        await Assert.ThrowsAsync<NotSupportedException>(async () => await GenServer.Call<object>(supervisor, "what"));
        Assert.Equal(1, (await DynamicSupervisor.CountChildren(supervisor)).Active);
        Assert.True(child.IsAlive && _log.Says("got a cast, which it does not accept: what."));
    });

    [Fact]
    public Task A_child_whose_name_is_taken_is_refused_with_the_process_that_has_it() => _node.Run(async () =>
    {
        var supervisor = await Start();
        var child = await DynamicSupervisor.StartChild(supervisor, _diary.Spec("a") with { Name = "one" });
        var refused = await Assert.ThrowsAsync<ChildRefusedException>(async () => await DynamicSupervisor.StartChild(supervisor, _diary.Spec("b") with { Name = "one" }));
        Assert.Equal((ChildRefusal.StartFailed, child), (refused.Refusal, refused.AlreadyStarted));
    });

    [Fact]
    public Task Start_child_or_find_gives_the_process_that_has_the_name() => _node.Run(async () =>
    {
        var supervisor = await Start();
        var child = await DynamicSupervisor.StartChildOrFind(supervisor, _diary.Spec("a") with { Name = "one" });
        Assert.Equal(child, await DynamicSupervisor.StartChildOrFind(supervisor, _diary.Spec("a") with { Name = "one" }));
        Assert.Equal(1, (await DynamicSupervisor.CountChildren(supervisor)).Specs);
    });
}
