using static Midflight.Process;

namespace Midflight.Tests.Processes;

/// <summary>Monitors and aliases, as monitor_SUITE and process_SUITE have them.</summary>
public sealed class MonitorTests : ProcessTest
{
    private static Pid Waiting() => Spawn(async () => await Receive());

    [Fact]
    public Task Demonitor_with_flush_leaves_no_down_in_the_mailbox() => Run(async () =>
    {
        var first = Waiting();
        var kept = Monitor(first);
        var flushed = Monitor(first);
        Send(first, "end");
        await Until(() => !first.IsAlive);
        Send(Self, "other");
        Assert.Equal(kept, (await Receive<Down>(down => down.Ref == kept)).Ref);
        Assert.False(Demonitor(flushed, flush: true));
        Assert.Equal("other", await Receive());
        Assert.Null(await Receive(TimeSpan.Zero));
        Assert.False(Demonitor(flushed, flush: true));
    });

    [Fact]
    public Task Demonitor_says_whether_the_process_was_still_monitored() => Run(async () =>
    {
        var other = Waiting();
        var monitor = Monitor(other);
        Assert.True(Demonitor(monitor, flush: true));
        Assert.False(Demonitor(monitor, flush: false));
        Send(other, "end");
        await EndOf(other);
        Assert.Null(await Receive(TimeSpan.Zero));
    });

    [Fact]
    public Task A_receive_after_a_flush_finds_what_was_looked_through_before() => Run(async () =>
    {
        var other = Waiting();
        var monitor = Monitor(other);
        Send(Self, 1);
        Send(other, "end");
        await Until(() => !other.IsAlive);
        Assert.Null(await Receive<string>(TimeSpan.Zero));
        var waiting = Receive<string>();
        Assert.False(Demonitor(monitor, flush: true));
        Send(Self, "text");
        Assert.Equal("text", await waiting);
        Assert.Equal(1, await Receive());
    });

    [Fact]
    public Task The_tag_of_a_monitor_stands_in_its_message() => Run(async () =>
    {
        var other = Waiting();
        var monitor = Monitor(other, new MonitorOptions { Tag = "mine" });
        Send(other, "end");
        Assert.Equal(new Down(monitor, other, ExitReason.Normal) { Tag = "mine" }, await Receive());
        var gone = Monitor(other, new MonitorOptions { Tag = 5 });
        Assert.Equal(new Down(gone, other, ExitReason.NoProcess) { Tag = 5 }, await Receive());
    });

    [Fact]
    public Task A_monitor_by_name_tells_the_name_and_stays_with_its_process() => Run(async () =>
    {
        var other = Waiting();
        Register("other", other);
        var monitor = Monitor("other");
        Unregister("other");
        Register("other", Self);
        Send(other, "end");
        Assert.Equal(new Down(monitor, other, ExitReason.Normal) { Name = "other" }, await Receive());
        var nobody = Monitor("nobody");
        Assert.Equal(new Down(nobody, default, ExitReason.NoProcess) { Name = "nobody" }, await Receive());
    });

    [Fact]
    public Task An_alias_lets_messages_in_until_it_is_taken_back() => Run(async () =>
    {
        var alias = Alias();
        Send(alias, 1);
        Send(Self, 2);
        Send(alias, 3);
        Assert.Equal([1, 2, 3], new[] { await Receive(), await Receive(), await Receive() });
        var other = Spawn(() =>
        {
            Assert.False(Unalias(alias));
            return Task.CompletedTask;
        });
        await EndOf(other);
        Assert.True(Unalias(alias));
        Assert.False(Unalias(alias));
        Send(alias, 4);
        Send(Self, 5);
        Assert.Equal(5, await Receive());
        Assert.Throws<ArgumentException>(() => Alias(AliasUntil.MonitorEnds));
    });

    [Fact]
    public Task An_alias_for_a_reply_lets_the_first_message_in() => Run(async () =>
    {
        var alias = Alias(AliasUntil.Reply);
        Send(alias, 1);
        Send(alias, 2);
        Send(Self, 3);
        Assert.Equal([1, 3], new[] { await Receive(), await Receive() });
    });

    [Fact]
    public Task An_alias_of_a_monitor_ends_with_it_as_was_asked() => Run(async () =>
    {
        var other = Waiting();
        var explicitly = Monitor(other, new MonitorOptions { Alias = AliasUntil.Unaliased });
        var ending = Monitor(other, new MonitorOptions { Alias = AliasUntil.MonitorEnds });
        var replying = Monitor(other, new MonitorOptions { Alias = AliasUntil.Reply });
        var taken = Monitor(other, new MonitorOptions { Alias = AliasUntil.MonitorEnds });
        Demonitor(taken);
        Send(taken.Alias!, "taken");
        Send(replying.Alias!, "reply");
        Send(replying.Alias!, "once");
        Assert.Equal("reply", await Receive());
        Send(other, "end");
        Assert.Equal(explicitly, (await Receive<Down>()).Ref);
        Assert.Equal(ending, (await Receive<Down>()).Ref);
        Send(ending.Alias!, "ended");
        Send(explicitly.Alias!, "explicit");
        Assert.Equal("explicit", await Receive());
        Assert.Null(await Receive(TimeSpan.Zero));
        Assert.Null(Monitor(Self).Alias);
    });

    [Fact]
    public Task A_call_by_hand_with_a_reply_alias_leaves_nothing_behind() => Run(async () =>
    {
        var server = Spawn(async () =>
        {
            var alias = await Receive<AliasRef>();
            Send(alias, "reply");
            Send(alias, "late");
        });
        var monitor = Monitor(server, new MonitorOptions { Alias = AliasUntil.Reply });
        Send(server, monitor.Alias!);
        Assert.Equal("reply", await Receive());
        await Until(() => !server.IsAlive);
        Assert.Null(await Receive(TimeSpan.Zero));
    });
}
