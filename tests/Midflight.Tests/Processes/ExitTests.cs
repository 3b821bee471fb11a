using static Midflight.Process;

namespace Midflight.Tests.Processes;

/// <summary>Exit signals, links and monitors, as OTP has them.</summary>
public sealed class ExitTests : ProcessTest
{
    private static async ProcessTask Wait() => await Receive();

    private static async ProcessTask WaitTrapping(Pid to)
    {
        TrapExits = true;
        Send(to, "ready");

        while (true)
        {
            Send(to, await Receive());
        }
    }

    private static ProcessTask Leave(ExitReason reason) => throw new ExitException(reason);

    [Fact]
    public Task Kill_ends_a_process_that_traps_exits_and_others_see_killed() => Run(async () =>
    {
        var process = Spawn(WaitTrapping, Self);
        await Receive();
        Assert.Equal(ExitReason.Killed, await EndOf(process, () => Exit(process, ExitReason.Kill)));
    });

    [Fact]
    public Task Any_other_exit_signal_is_a_message_to_one_that_traps() => Run(async () =>
    {
        var process = Spawn(WaitTrapping, Self);
        await Receive();
        Exit(process, ExitReason.Normal);
        Exit(process, ExitReason.Other("why"));

        Assert.Equal(new Exited(Self, ExitReason.Normal), await Receive());
        Assert.Equal(new Exited(Self, ExitReason.Other("why")), await Receive());
    });

    [Fact]
    public Task Normal_from_another_does_not_end_a_process_and_from_itself_does() => Run(async () =>
    {
        var process = Spawn(Wait);
        Exit(process, ExitReason.Normal);
        Assert.Equal(ExitReason.Other("real"), await EndOf(process, () => Exit(process, ExitReason.Other("real"))));

        var own = SpawnMonitor(async () =>
        {
            Exit(Self, ExitReason.Normal);
            await Receive();
        });
        Assert.Equal(ExitReason.Normal, (await Receive<Down>(down => down.Ref == own.Monitor)).Reason);
    });

    [Fact]
    public Task A_link_takes_both_down_and_a_normal_end_does_not() => Run(async () =>
    {
        var (victim, other) = (Spawn(Wait), default(Pid));
        var self = Self;
        other = Spawn(async () =>
        {
            Link(victim);
            Send(self, "linked");
            await Receive();
        });
        await Receive();
        Assert.Equal(ExitReason.Other("fell"), await EndOf(other, () => Exit(victim, ExitReason.Other("fell"))));

        SpawnLink(() => Task.CompletedTask);
        TrapExits = true;
        var normal = SpawnLink(Leave, ExitReason.Normal);
        Assert.Equal(new Exited(normal, ExitReason.Normal), await Receive<Exited>(exit => exit.Pid == normal));
    });

    [Fact]
    public Task Kill_as_a_reason_of_a_link_can_be_trapped() => Run(async () =>
    {
        TrapExits = true;
        var process = SpawnLink(Leave, ExitReason.Kill);
        Assert.Equal(new Exited(process, ExitReason.Kill), await Receive());
    });

    [Fact]
    public Task After_an_unlink_no_exit_comes() => Run(async () =>
    {
        var process = SpawnLink(Wait);
        Unlink(process);
        Assert.Equal(ExitReason.Other("alone"), await EndOf(process, () => Exit(process, ExitReason.Other("alone"))));
    });

    [Fact]
    public Task Linking_to_one_that_has_ended_is_an_exit_of_no_process() => Run(async () =>
    {
        var process = Spawn(() => Task.CompletedTask);
        await EndOf(process);
        Assert.Equal(ExitReason.NoProcess, await EndOf(Spawn(LinkTo, process)));

        TrapExits = true;
        Link(process);
        Assert.Equal(new Exited(process, ExitReason.NoProcess), await Receive());
        Link(process);
        Unlink(process);
        Send(Self, "nothing else");
        Assert.Equal("nothing else", await Receive());
    });

    private static async ProcessTask LinkTo(Pid other)
    {
        Link(other);
        await Receive();
    }

    [Fact]
    public Task A_monitor_tells_of_the_end_once_and_of_one_that_had_ended_at_once() => Run(async () =>
    {
        var process = Spawn(Wait);
        var (first, second) = (Monitor(process), Monitor(process));
        Exit(process, ExitReason.Shutdown);
        var downs = new[] { (Down)await Receive(), (Down)await Receive() };
        Assert.Equal([first, second], downs.Select(down => down.Ref).OrderBy(monitor => monitor == second));
        Assert.All(downs, down => Assert.Equal(ExitReason.Shutdown, down.Reason));

        var late = Monitor(process);
        Assert.Equal(new Down(late, process, ExitReason.NoProcess), await Receive());
        var nobody = Monitor(default);
        Assert.Equal(new Down(nobody, default, ExitReason.NoProcess), await Receive());
    });

    [Fact]
    public Task A_demonitor_is_the_end_of_it() => Run(async () =>
    {
        var process = Spawn(Wait);
        var monitor = Monitor(process);
        Demonitor(monitor);
        Exit(process, ExitReason.Kill);
        await EndOf(process);
        Assert.Null(await Receive(TimeSpan.Zero));
    });

    [Fact]
    public Task Whoever_monitored_and_ended_is_forgotten_by_the_monitored() => Run(async () =>
    {
        var process = Spawn(Wait);

        for (var i = 0; i < 100; i++)
        {
            await EndOf(Spawn(
                other =>
                {
                    Monitor(other);
                    return Task.CompletedTask;
                },
                process));
        }

        var watchers = -1;
        process.Cell!.Do(cell => Volatile.Write(ref watchers, cell.Bonds.Watchers.Count));
        await Until(() => Volatile.Read(ref watchers) >= 0);
        Assert.Equal(0, watchers);
    });

    [Fact]
    public Task An_ended_process_does_not_keep_what_it_ended_with() => Run(async () =>
    {
        var pid = Spawn(Wait);
        var kept = Fail(pid);
        await EndOf(pid);
        await Until(() =>
        {
            GC.Collect();
            return !kept.TryGetTarget(out _);
        });
        Assert.False(pid.IsAlive);
    });

    private static WeakReference<object> Fail(Pid process)
    {
        var detail = new object();
        Exit(process, ExitReason.Other(detail));
        return new(detail);
    }
}
