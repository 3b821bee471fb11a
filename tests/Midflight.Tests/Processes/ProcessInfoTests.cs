using static Midflight.Process;

namespace Midflight.Tests.Processes;

/// <summary>What a process is: labels as proc_lib has them, callers as Elixir's Task.</summary>
public sealed class ProcessInfoTests : ProcessTest
{
    [Fact]
    public Task Info_tells_links_monitors_names_and_label_of_a_process() => Run(async () =>
    {
        var watched = Spawn(async () => await Receive());
        var other = SpawnLink(async () =>
        {
            Label = "reader 5";
            TrapExits = true;
            Monitor(watched);
            Register("other", Self);
            await Receive();
        });
        var monitor = Monitor(other);
        await Until(() => WhereIs("other") is not null);
        var info = (await Info(other, size: true))!;
        Assert.Equal((other, "reader 5", true), (info.Snapshot.Pid, info.Label, info.TrapsExits));
        Assert.Equal(["other"], info.Snapshot.Names);
        Assert.Equal([Self], info.Links);
        Assert.Equal([watched], info.Monitors);
        Assert.Equal([Self], info.MonitoredBy);
        Assert.Equal(Self, info.Ancestors[0]);
        Assert.Empty(info.Callers);
        Assert.Contains(Node.Monitor.Processes(), process => process.Label == "reader 5");
        Demonitor(monitor);
        Assert.Empty((await Info(other))!.MonitoredBy);
        Send(other, "end");
        await EndOf(other);
        Assert.Null(await Info(other));
        Assert.Null(await Info(default));
        Assert.Equal(Self, (await Info(Self))!.Snapshot.Pid);
    });

    [Fact]
    public Task Info_is_told_while_a_callback_awaits() => Run(async () =>
    {
        var word = new TaskCompletionSource();
        var other = Spawn(async () => await word.Task);
        Assert.Equal(other, (await Info(other))!.Snapshot.Pid);
        word.SetResult();
        await EndOf(other);
    });

    [Fact]
    public Task A_label_stands_in_the_crash_report() => Run(async () =>
    {
        var other = Spawn(async () =>
        {
            Label = "reader 5";
            await Receive();
            throw new FormatException("bad");
        });
        await EndOf(other, () => Send(other, "go"));
        Assert.Contains(Logged, line => line.StartsWith($"Process {other} (reader 5) ended", StringComparison.Ordinal));
    });

    [Fact]
    public Task The_callers_of_a_job_are_those_on_whose_behalf_it_works() => Run(async () =>
    {
        var supervisor = await GenServer.Start<JobSupervisor>();
        var self = Self;
        var inner = await JobSupervisor.AsyncNoLink(supervisor, async () =>
        {
            var owner = Self;
            var callers = await Job.Async(() => Task.FromResult((Process.Callers, Ancestors))).Await();
            return (owner, callers);
        });
        var (owner, (callers, ancestors)) = await inner.Await();
        Assert.Equal([owner, self], callers);
        Assert.Equal([owner, supervisor], ancestors.Take(2));
        Assert.Empty(Process.Callers);
    });
}
