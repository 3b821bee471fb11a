using Midflight.Testing;

namespace Midflight.Tests.Supervision;

// The other version of a module is stood for by an instance of another class: what Init says is all that counts here.
public sealed class SupervisorChangeTests : IAsyncDisposable
{
    private readonly Diary _diary = new();
    private readonly ManualTime _time = new();
    private readonly Node _node;

    public SupervisorChangeTests() => _node = new(new CapturedLog(), _time);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    private sealed class Other(SupervisorSpec spec) : Supervisor
    {
        protected override SupervisorSpec Init(object? argument) => spec;
    }

    private Task<Pid> Start(params string[] names) => Start(Specs(names));

    private static async Task<Pid> Start(params ChildSpec[] children)
    {
        var supervisor = await GenServer.Start<Family>(new SupervisorSpec(Strategy.OneForOne, children) { Intensity = Kin.Plenty });
        await Sys.Suspend(supervisor);
        return supervisor;
    }

    private ChildSpec[] Specs(params string[] names) => [.. names.Select(name => _diary.Spec(name, duty => duty with { TrapsExits = true }))];

    private static ValueTask<SupervisorChange> Plan(Pid supervisor, params ChildSpec[] children) =>
        SupervisorChange.Plan(supervisor, new Other(new(Strategy.OneForAll, children) { Intensity = Kin.Plenty }));

    private static async Task<string> Children(Pid supervisor)
    {
        await Sys.Resume(supervisor);
        return string.Join(" ", (await Supervisor.WhichChildren(supervisor)).Select(child => $"{child.Id}{(child.Pid.IsAlive ? "" : "-")}"));
    }

    private static Strategy StrategyOf(Pid supervisor) => ((SupervisorState)supervisor.Cell!.Body!.State!).Spec.Strategy;

    [Fact]
    public Task A_plan_names_what_comes_and_goes_and_changes_nothing() => _node.Run(async () =>
    {
        var supervisor = await Start("a", "b", "c");

        var change = await Plan(supervisor, Specs("x", "b", "y"));

        Assert.Equal(["x", "y"], change.Added.Select(child => child.Id));
        Assert.Equal("c a", string.Join(" ", change.Dropped));
        Assert.Equal(Strategy.OneForOne, StrategyOf(supervisor));
        Assert.Equal("a b c", await Children(supervisor));
    });

    [Fact]
    public Task Dropped_children_stop_in_reverse_and_added_ones_start_in_order() => _node.Run(async () =>
    {
        var supervisor = await Start("a", "b", "c");
        var kept = supervisor.Cell!.Body!.State is SupervisorState state ? state.Find("b")!.Cell : null;
        var change = await Plan(supervisor, Specs("x", "b", "y"));
        _diary.Clear();

        await change.StopDropped();
        Assert.Equal(["c is asked: shutdown", "c ends", "a is asked: shutdown", "a ends"], _diary.Lines);
        _diary.Clear();
        await change.StartAdded();

        Assert.Equal(["x starts", "y starts"], _diary.Lines);
        Assert.Equal(Strategy.OneForAll, StrategyOf(supervisor));
        Assert.Equal("x b y", await Children(supervisor));
        Assert.Same(kept, (await Kin.PidOf(supervisor, "b")).Cell);
    });

    [Fact]
    public Task A_change_is_taken_back_from_wherever_it_stands() => _node.Run(async () =>
    {
        for (var steps = 0; steps <= 2; steps++)
        {
            var supervisor = await Start("a", "b", "c");
            var change = await Plan(supervisor, Specs("x", "b", "y"));

            if (steps > 0)
            {
                await change.StopDropped();
            }

            if (steps > 1)
            {
                await change.StartAdded();
            }

            await change.TakeBack();
            await change.BringBack();

            Assert.Equal(Strategy.OneForOne, StrategyOf(supervisor));
            Assert.Equal("a b c", await Children(supervisor));
        }

        // Of the last one: undone in the reverse order.
        Assert.Equal(["y is asked: shutdown", "y ends", "x is asked: shutdown", "x ends", "a starts", "c starts"], _diary.Lines.TakeLast(6));
    });

    [Fact]
    public Task An_added_child_that_does_not_start_fails_the_change_which_can_be_taken_back() => _node.Run(async () =>
    {
        var supervisor = await Start("a");
        var change = await Plan(supervisor, [.. Specs("a", "x"), _diary.Spec("y", duty => duty with { Fails = () => true }), .. Specs("z")]);

        var refused = await Assert.ThrowsAsync<ChildRefusedException>(async () => await change.StartAdded());
        Assert.Equal("Midflight.Tests.Supervision.Family did not start its new child 'y': InvalidOperationException: no duty today", refused.Message);
        await change.TakeBack();
        await change.BringBack();

        Assert.Equal("a", await Children(supervisor));
        Assert.DoesNotContain("z starts", _diary.Lines);
    });

    [Fact]
    public Task Children_of_no_Init_stay_and_those_deleted_stay_away() => _node.Run(async () =>
    {
        var supervisor = await Start("a", "b");
        await Sys.Resume(supervisor);
        await Supervisor.StartChild(supervisor, Specs("later")[0]);
        await Supervisor.TerminateChild(supervisor, "b");
        await Supervisor.DeleteChild(supervisor, "b");
        await Sys.Suspend(supervisor);

        var change = await Plan(supervisor, Specs("a", "b", "c"));
        await change.StopDropped();
        await change.StartAdded();

        Assert.Equal("a c later", await Children(supervisor));
    });

    [Fact]
    public Task Who_was_added_or_deleted_by_hand_since_stays_so_when_the_change_is_taken_back() => _node.Run(async () =>
    {
        var supervisor = await Start("a", "b", "c");
        var change = await Plan(supervisor, Specs("a", "b", "x"));
        await change.StopDropped();
        await change.StartAdded();
        await Sys.Resume(supervisor);
        await Supervisor.StartChild(supervisor, Specs("later")[0]);
        await Supervisor.TerminateChild(supervisor, "b");
        await Supervisor.DeleteChild(supervisor, "b");
        await Sys.Suspend(supervisor);

        await change.TakeBack();
        await change.BringBack();

        Assert.Equal("a c later", await Children(supervisor));
    });

    [Fact]
    public Task A_child_that_took_the_id_of_a_dropped_one_keeps_it() => _node.Run(async () =>
    {
        var supervisor = await Start("a", "b");
        var change = await Plan(supervisor, Specs("b"));
        await change.StopDropped();
        await change.StartAdded();
        await Sys.Resume(supervisor);
        var other = await Supervisor.StartChild(supervisor, Specs("a")[0]);
        await Sys.Suspend(supervisor);

        await change.TakeBack();
        await change.BringBack();

        Assert.Equal("b a", await Children(supervisor));
        Assert.Equal(other, await Kin.PidOf(supervisor, "a"));
    });

    [Fact]
    public Task A_step_that_does_not_end_is_given_up_and_taken_back_when_it_has_ended() => _node.Run(async () =>
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var supervisor = await Start("a");
        var change = await Plan(supervisor, [.. Specs("a"), _diary.Spec("x", duty => duty with { Ready = ready.Task })]);

        var starting = change.StartAdded().AsTask();
        _time.Advance(SupervisorChange.Patience);
        var failure = await Assert.ThrowsAsync<CallFailedException>(() => starting);
        Assert.Equal(CallFailure.TimedOut, failure.Failure);

        var back = change.TakeBack().AsTask();
        ready.SetResult();
        await back;
        Assert.Equal("a", await Children(supervisor));
    });

    [Fact]
    public Task A_kept_child_follows_its_new_spec_at_its_next_start() => _node.Run(async () =>
    {
        var supervisor = await Start("a");
        var change = await Plan(supervisor, _diary.Spec("a") with { Restart = Restart.Temporary });
        await change.StartAdded();
        Assert.Equal("a", await Children(supervisor));

        await Kin.End(await Kin.PidOf(supervisor, "a"), "crash");

        Assert.Empty(await Supervisor.WhichChildren(supervisor));
    });

    [Fact]
    public Task A_child_that_ended_meanwhile_is_nobodys_failure() => _node.Run(async () =>
    {
        var supervisor = await Start("a", "b");
        var change = await Plan(supervisor, Specs("b"));
        var dropped = ((SupervisorState)supervisor.Cell!.Body!.State!).Find("a")!.Cell!.Pid;
        Process.Exit(dropped, ExitReason.Kill);
        await Kin.Ended(dropped);

        await change.StopDropped();
        await change.StartAdded();

        Assert.Equal("b", await Children(supervisor));
    });

    [Fact]
    [Scenario(117, "Supervisor update: the new init is wrong")]
    public Task A_wrong_Init_fails_the_plan_and_one_that_ignores_changes_nothing() => _node.Run(async () =>
    {
        var supervisor = await Start("a");

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(async () => await Plan(supervisor, Specs("x", "x")));
        Assert.Contains("has two children with the id 'x'", failure.Message, StringComparison.Ordinal);
        var change = await SupervisorChange.Plan(supervisor, new Other(SupervisorSpec.Ignore));
        await change.StopDropped();
        await change.StartAdded();

        Assert.Equal("a", await Children(supervisor));
    });

    [Fact]
    public Task A_supervisor_that_has_ended_says_so() => _node.Run(async () =>
    {
        var supervisor = await Start("a");
        var change = await Plan(supervisor, Specs("x"));
        Process.Exit(supervisor, ExitReason.Kill);
        await Kin.Ended(supervisor);

        var failure = await Assert.ThrowsAsync<CallFailedException>(async () => await change.StartAdded());

        Assert.Equal(CallFailure.NoProcess, failure.Failure);
    });

    [Fact]
    public Task A_change_of_code_on_its_own_runs_Init_again() => _node.Run(async () =>
    {
        string[] names = ["a", "b"];
        Func<SupervisorSpec> init = () => new(Strategy.OneForOne, Specs(names));
        var supervisor = await GenServer.Start<Family>(init);
        names = ["b", "c"];

        await Sys.Suspend(supervisor);
        await Sys.ChangeCode(supervisor, "1");
        Assert.Equal("b c", await Children(supervisor));
        names = ["c", "c"];
        await Sys.Suspend(supervisor);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await Sys.ChangeCode(supervisor, "1"));

        Assert.Equal("b c", await Children(supervisor));
    });

    [Fact]
    public Task A_dynamic_supervisor_takes_the_new_limits_and_gives_them_back() => _node.Run(async () =>
    {
        var supervisor = await GenServer.Start<DynamicSupervisorTests.Crowd>(new DynamicSupervisorSpec { MaxChildren = 1 });
        await DynamicSupervisor.StartChild(supervisor, _diary.Spec("a"));
        await Sys.Suspend(supervisor);
        var change = await SupervisorChange.Plan(supervisor, new Loose());

        await change.StartAdded();
        await Sys.Resume(supervisor);
        var child = await DynamicSupervisor.StartChild(supervisor, _diary.Spec("b"));
        await DynamicSupervisor.TerminateChild(supervisor, child);
        await Sys.Suspend(supervisor);
        await change.TakeBack();
        await Sys.Resume(supervisor);

        await Assert.ThrowsAsync<ChildRefusedException>(async () => await DynamicSupervisor.StartChild(supervisor, _diary.Spec("b")));
    });

    private sealed class Loose : DynamicSupervisor;
}
