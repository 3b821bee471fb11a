using Midflight.Testing;

namespace Midflight.Tests.Supervision;

public sealed class AutoShutdownTests : IAsyncDisposable
{
    private readonly Diary _diary = new();
    private readonly CapturedLog _log = new();
    private readonly Node _node;

    public AutoShutdownTests() => _node = new Node(_log, new ManualTime());

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    public sealed class Crowd : DynamicSupervisor
    {
        protected override DynamicSupervisorSpec Init(object? argument) => (DynamicSupervisorSpec)argument!;
    }

    private ChildSpec Plain(string name) => _diary.Spec(name, duty => duty with { TrapsExits = true });

    private ChildSpec Significant(string name, Restart restart) => Plain(name) with { Restart = restart, Significant = true };

    private static ValueTask<Pid> Start(AutoShutdown rule, params ChildSpec[] children) => Start(Strategy.OneForOne, rule, children);

    private static ValueTask<Pid> Start(Strategy strategy, AutoShutdown rule, params ChildSpec[] children) =>
        GenServer.Start<Family>(new SupervisorSpec(strategy, children) { AutoShutdown = rule, Intensity = Kin.Plenty });

    private static async Task<ExitReason> EndBy(MonitorRef watch) => (await Process.Receive<Down>(down => down.Ref == watch)).Reason;

    // As ActiveOf asks the supervisor, it has dealt with the end by then.
    private static async Task<int> ActiveOf(Pid supervisor) => (await Supervisor.CountChildren(supervisor)).Active;

    [Theory]
    [InlineData(Restart.Transient, "normal", true)]
    [InlineData(Restart.Transient, "shutdown", true)]
    [InlineData(Restart.Transient, "crash", false)]
    [InlineData(Restart.Temporary, "normal", true)]
    [InlineData(Restart.Temporary, "crash", true)]
    public Task The_end_of_one_significant_child_ends_its_supervisor_unless_it_starts_again(Restart restart, string how, bool ends) => _node.Run(async () =>
    {
        var supervisor = await Start(AutoShutdown.AnySignificant, Plain("a"), Significant("b", restart), Plain("c"), Significant("d", restart));
        var child = await Kin.PidOf(supervisor, "b");
        var watch = Process.Monitor(supervisor);
        _diary.Clear();

        await Kin.End(child, how switch { "normal" => ExitReason.Normal, "shutdown" => ExitReason.Shutdown, _ => how });

        if (!ends)
        {
            Assert.Equal(4, await ActiveOf(supervisor));
            return;
        }

        Assert.Equal(ExitReason.Shutdown, await EndBy(watch));
        Assert.Equal(["d is asked: shutdown", "d ends", "c is asked: shutdown", "c ends", "a is asked: shutdown", "a ends"], _diary.Lines.SkipWhile(line => line[0] == 'b'));
    });

    [Fact]
    public Task A_supervisor_that_never_shuts_down_by_itself_does_not_when_all_children_have_ended() => _node.Run(async () =>
    {
        var supervisor = await Start(AutoShutdown.Never, Plain("a") with { Restart = Restart.Temporary });

        await Kin.End(await Kin.PidOf(supervisor, "a"), ExitReason.Normal);

        Assert.Equal(0, await ActiveOf(supervisor));
    });

    [Fact]
    public Task The_end_of_a_child_that_is_not_significant_does_not_count() => _node.Run(async () =>
    {
        var supervisor = await Start(AutoShutdown.AnySignificant, Significant("a", Restart.Temporary), Plain("b") with { Restart = Restart.Temporary });

        await Kin.End(await Kin.PidOf(supervisor, "b"), "crash");

        Assert.Equal(1, await ActiveOf(supervisor));
    });

    [Fact]
    public Task The_end_of_the_last_significant_child_ends_a_supervisor_of_all() => _node.Run(async () =>
    {
        var supervisor = await Start(
            AutoShutdown.AllSignificant, Significant("a", Restart.Temporary), Significant("b", Restart.Transient), Plain("c"));

        var watch = Process.Monitor(supervisor);

        await Kin.End(await Kin.PidOf(supervisor, "a"), "crash");
        Assert.Equal(2, await ActiveOf(supervisor));
        await Kin.End(await Kin.PidOf(supervisor, "b"), ExitReason.Normal);

        Assert.Equal(ExitReason.Shutdown, await EndBy(watch));
    });

    [Fact]
    public Task A_significant_child_that_is_stopped_on_request_does_not_count_but_does_not_hold_back_either() => _node.Run(async () =>
    {
        var any = await Start(AutoShutdown.AnySignificant, Significant("a", Restart.Temporary));
        await Supervisor.TerminateChild(any, "a");
        Assert.Equal(0, await ActiveOf(any));

        var all = await Start(AutoShutdown.AllSignificant, Significant("a", Restart.Transient), Significant("b", Restart.Transient));
        await Supervisor.TerminateChild(all, "a");
        Assert.Equal(1, await ActiveOf(all));
        await Kin.End(await Kin.PidOf(all, "b"), ExitReason.Normal);
        await Kin.Ended(all);
    });

    [Theory]
    [InlineData(Strategy.OneForAll)]
    [InlineData(Strategy.RestForOne)]
    public Task A_significant_child_that_is_stopped_with_its_siblings_does_not_count(Strategy strategy) => _node.Run(async () =>
    {
        var supervisor = await Start(strategy, AutoShutdown.AnySignificant, Plain("a"), Significant("b", Restart.Temporary));

        await Kin.End(await Kin.PidOf(supervisor, "a"), "crash");

        // A temporary sibling is forgotten.
        Assert.Equal(["a"], (await Supervisor.WhichChildren(supervisor)).Select(child => child.Id));
    });

    [Fact]
    public Task A_significant_child_that_is_being_started_again_still_counts_as_running() => _node.Run(async () =>
    {
        var starts = 0;
        var supervisor = await Start(
            AutoShutdown.AllSignificant,
            _diary.Spec("a", duty => duty with { Fails = () => ++starts is > 1 and < 100 }) with { Restart = Restart.Transient, Significant = true },
            Significant("b", Restart.Temporary));

        await Kin.End(await Kin.PidOf(supervisor, "a"), "crash");
        await Kin.End(await Kin.PidOf(supervisor, "b"), ExitReason.Normal);

        while (await ActiveOf(supervisor) == 0)
        {
        }

        Assert.True((await Kin.PidOf(supervisor, "a")).IsAlive);
    });

    [Fact]
    public Task Supervisors_shut_down_one_above_the_other() => _node.Run(async () =>
    {
        var inner = new SupervisorSpec(Strategy.OneForOne, [Significant("leaf", Restart.Transient)]) { AutoShutdown = AutoShutdown.AnySignificant };
        var outer = await Start(
            AutoShutdown.AllSignificant, Plain("a"), Child.Of<Family>(inner) with { Id = "inner", Restart = Restart.Transient, Significant = true });
        var leaf = await Kin.PidOf(await Kin.PidOf(outer, "inner"), "leaf");
        var watch = Process.Monitor(outer);

        await Kin.End(leaf, ExitReason.Normal);

        Assert.Equal(ExitReason.Shutdown, await EndBy(watch));
        Assert.Equal("a ends", _diary.Lines[^1]);
    });

    [Fact]
    public Task A_permanent_supervisor_that_shut_down_by_itself_is_started_again() => _node.Run(async () =>
    {
        var inner = new SupervisorSpec(Strategy.OneForOne, [Significant("leaf", Restart.Transient)]) { AutoShutdown = AutoShutdown.AnySignificant };
        var outer = await Start(AutoShutdown.Never, Child.Of<Family>(inner) with { Id = "inner" });
        var before = await Kin.PidOf(outer, "inner");

        await Kin.End(await Kin.PidOf(before, "leaf"), ExitReason.Normal);
        await Kin.Ended(before);

        Assert.NotEqual(before, await Kin.PidOf(outer, "inner"));
        Assert.Equal(1, await ActiveOf(await Kin.PidOf(outer, "inner")));
    });

    [Fact]
    public Task A_dynamic_supervisor_ends_with_its_significant_children() => _node.Run(async () =>
    {
        var any = await GenServer.Start<Crowd>(new DynamicSupervisorSpec { AutoShutdown = AutoShutdown.AnySignificant });
        var all = await GenServer.Start<Crowd>(new DynamicSupervisorSpec { AutoShutdown = AutoShutdown.AllSignificant });

        foreach (var (supervisor, left) in new[] { (any, 0), (all, 1) })
        {
            var first = await DynamicSupervisor.StartChild(supervisor, Significant("a", Restart.Temporary));
            var second = await DynamicSupervisor.StartChild(supervisor, Significant("a", Restart.Transient));
            var other = await DynamicSupervisor.StartChild(supervisor, Plain("b"));
            await Kin.End(first, "crash");

            if (left > 0)
            {
                Assert.Equal(2, (await DynamicSupervisor.CountChildren(supervisor)).Active);
                await Kin.End(second, ExitReason.Normal);
            }

            await Kin.Ended(supervisor);
            Assert.False(other.IsAlive);
        }
    });

    [Fact]
    public Task A_combination_without_a_meaning_is_refused() => _node.Run(async () =>
    {
        const string Permanent = "Child 'a' of Midflight.Tests.Supervision.Family is significant but permanent, so it would always be restarted and never trigger the shutdown. Make it transient or temporary.";
        const string Never = "Child 'a' of Midflight.Tests.Supervision.Family is significant, but the supervisor's AutoShutdown is Never. Set AutoShutdown to AnySignificant or AllSignificant, or make the child not significant.";

        foreach (var (rule, restart, sentence) in new[] { (AutoShutdown.AnySignificant, Restart.Permanent, Permanent), (AutoShutdown.Never, Restart.Transient, Never) })
        {
            var child = Significant("a", restart);
            var failure = await Assert.ThrowsAsync<StartFailedException>(async () => await Start(rule, child));
            Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);

            var supervisor = await Start(rule);
            var refused = await Assert.ThrowsAsync<ChildRefusedException>(async () => await Supervisor.StartChild(supervisor, child));
            Assert.Equal((ChildRefusal.BadCombination, sentence), (refused.Refusal, refused.Message));

            var dynamic = await GenServer.Start<Crowd>(new DynamicSupervisorSpec { AutoShutdown = rule });
            refused = await Assert.ThrowsAsync<ChildRefusedException>(async () => await DynamicSupervisor.StartChild(dynamic, child));
            Assert.Equal(ChildRefusal.BadCombination, refused.Refusal);
        }
    });
}
