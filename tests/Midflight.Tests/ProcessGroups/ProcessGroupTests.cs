using Midflight.Tests.Processes;
using static Midflight.Process;

namespace Midflight.Tests.ProcessGroups;

/// <summary>Process groups, as pg has them.</summary>
public sealed class ProcessGroupTests : ProcessTest
{
    private static Pid Waiting() => Spawn(async () => await Receive());

    [Fact]
    public Task Members_join_more_than_once_and_leave_as_often_or_all_at_once_when_they_end() => Run(async () =>
    {
        var (first, second) = (Waiting(), Waiting());
        ProcessGroup.Join("g", first);
        ProcessGroup.Join("g", first);
        ProcessGroup.Join("g", second);
        ProcessGroup.Join("h", Self);
        Assert.Equal([first, first, second], ProcessGroup.Members("g").OrderBy(pid => pid.Number));
        Assert.Equal(["g", "h"], ProcessGroup.Groups().Order());
        Assert.True(ProcessGroup.Leave("g", first));
        Assert.Equal([first, second], ProcessGroup.Members("g").OrderBy(pid => pid.Number));
        Exit(first, ExitReason.Kill);
        Exit(second, ExitReason.Kill);
        await Until(() => ProcessGroup.Members("g").Count == 0);
        Assert.False(ProcessGroup.Leave("g", first));
        ProcessGroup.Join("g", first);
        Assert.Empty(ProcessGroup.Members("g"));
        Assert.True(ProcessGroup.Leave("h", Self));
        Assert.Empty(ProcessGroup.Groups());
    });

    [Fact]
    public Task Scopes_do_not_see_each_others_groups() => Run(() =>
    {
        ProcessGroup.Join("g", Self, "one");
        Assert.Equal([Self], ProcessGroup.Members("g", "one"));
        Assert.Empty(ProcessGroup.Members("g"));
        Assert.Empty(ProcessGroup.Groups("two"));
        return Task.CompletedTask;
    });

    [Fact]
    public Task A_monitor_tells_who_is_there_and_then_who_joins_and_leaves() => Run(async () =>
    {
        var (first, second) = (Waiting(), Waiting());
        ProcessGroup.Join("g", first);
        var (monitor, members) = ProcessGroup.Monitor("g");
        var (scope, groups) = ProcessGroup.MonitorScope();
        Assert.Equal([first], members);
        Assert.Equal([first], groups["g"]);

        ProcessGroup.Join("g", second);
        Assert.Equal(new GroupChange(monitor, "g", second, true), await Receive<GroupChange>(change => change.Monitor == monitor));
        Assert.Equal(new GroupChange(scope, "g", second, true), await Receive());
        ProcessGroup.Join("h", second);
        Assert.Equal(new GroupChange(scope, "h", second, true), await Receive());
        ProcessGroup.Demonitor(scope);
        Exit(first, ExitReason.Kill);
        Assert.Equal(new GroupChange(monitor, "g", first, false), await Receive());
        ProcessGroup.Demonitor(monitor);
        ProcessGroup.Leave("g", second);
        Assert.Null(await Receive(TimeSpan.Zero));
    });
}

/// <summary>Groups under mass death.</summary>
[Trait("Category", "Stress")]
public sealed class ProcessGroupStressTests : ProcessTest
{
    // ProcessGroups.Join: without what Do does for one that has missed it, an ended process stays a member.
    [Fact]
    public Task Processes_that_join_and_end_at_the_same_moment_do_not_stay() => Run(async () =>
    {
        const int Many = 5_000;
        var (_, _) = ProcessGroup.Monitor("g");

        for (var i = 0; i < Many; i++)
        {
            var process = Spawn(() => Task.CompletedTask);
            ProcessGroup.Join("g", process);
        }

        await Until(() => ProcessGroup.Members("g").Count == 0);
        var balance = 0;

        for (var i = 0; i < 2 * Many; i++)
        {
            // What joined has left, in this order; one that had ended before may have done neither.
            if (await Receive(TimeSpan.Zero) is not GroupChange change)
            {
                break;
            }

            balance += change.Joined ? 1 : -1;
            Assert.True(balance >= 0);
        }

        Assert.Equal(0, balance);
    });
}
