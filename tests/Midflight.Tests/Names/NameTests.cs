using Midflight.Tests.Processes;
using static Midflight.Process;

namespace Midflight.Tests.Names;

public sealed class NameTests : ProcessTest
{
    private static async ProcessTask Wait() => await Receive();

    [Fact]
    public Task A_registered_process_is_found_and_sent_to_by_name() => Run(async () =>
    {
        Register("me", Self);
        Assert.Equal(Self, WhereIs("me"));
        Send("me", "hello");
        Assert.Equal("hello", await Receive());
        Unregister("me");
        Assert.Null(WhereIs("me"));
    });

    [Fact]
    public Task A_name_goes_with_its_process_and_is_free_when_its_end_is_known() => Run(async () =>
    {
        for (var i = 0; i < 200; i++)
        {
            var process = Spawn(Wait);
            Register("again", process);
            Exit(process, ExitReason.Kill);
            await EndOf(process);
            Assert.Null(WhereIs("again"));
        }
    });

    [Fact]
    public Task A_taken_name_is_refused_and_says_by_whom() => Run(() =>
    {
        Register("taken", Self);
        var other = Spawn(Wait);
        var refused = Assert.Throws<InvalidOperationException>(() => Register("taken", other));
        Assert.Equal($"The name 'taken' is taken by {Self}. Unregister it first, or choose another.", refused.Message);
        return Task.CompletedTask;
    });

    [Fact]
    public Task An_ended_process_is_not_registered() => Run(async () =>
    {
        var process = Spawn(() => Task.CompletedTask);
        await EndOf(process);
        var refused = Assert.Throws<InvalidOperationException>(() => Register("late", process));
        Assert.Equal($"Process {process} has ended, so it cannot be registered as 'late'.", refused.Message);
        Assert.Null(WhereIs("late"));
    });

    [Fact]
    public Task A_name_that_no_one_has_cannot_be_sent_to_nor_taken_back() => Run(() =>
    {
        Assert.Equal(
            "No process is registered as 'nobody'. Start it first, or look it up with WhereIs.",
            Assert.Throws<InvalidOperationException>(() => Send("nobody", 1)).Message);
        Assert.Equal("No process is registered as 'nobody'.", Assert.Throws<InvalidOperationException>(() => Unregister("nobody")).Message);
        return Task.CompletedTask;
    });
}
