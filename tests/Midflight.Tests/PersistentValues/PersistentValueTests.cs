using Midflight.Tests.Processes;

namespace Midflight.Tests.PersistentValues;

/// <summary>Values of a node, as persistent_term has them.</summary>
public sealed class PersistentValueTests : ProcessTest
{
    private sealed record Limits(int Most);

    private static readonly PersistentValue<Limits> s_limits = new("limits");

    [Fact]
    public Task A_value_is_put_read_and_erased_by_its_key() => Run(() =>
    {
        Assert.False(s_limits.TryGet(out _));
        Assert.Equal("Nothing is stored as 'limits'. Store it when the application starts, or use TryGet.", Assert.Throws<KeyNotFoundException>(() => s_limits.Value).Message);
        var limits = new Limits(3);
        s_limits.Put(limits);
        Assert.Same(limits, s_limits.Value);
        Assert.Same(limits, new PersistentValue<Limits>("limits").Value);
        s_limits.Put(new(4));
        Assert.Equal(4, s_limits.Value.Most);
        Assert.True(s_limits.Erase());
        Assert.False(s_limits.Erase());
        Assert.False(s_limits.TryGet(out _));
        return Task.CompletedTask;
    });

    [Fact]
    public Task Each_node_has_its_own() => Run(async () =>
    {
        s_limits.Put(new(1));
        await using var other = new Node();
        await other.Run(() =>
        {
            Assert.False(s_limits.TryGet(out _));
            s_limits.Put(new(2));
            return Task.CompletedTask;
        });
        Assert.Equal(1, s_limits.Value.Most);
    });

    // PersistentSlot holds a reference, so a value of any size is written in one step.
    [Fact]
    [Trait("Category", "Stress")]
    public Task Readers_see_the_one_value_or_the_other() => Run(async () =>
    {
        var pair = new PersistentValue<(long, long)>("pair");
        pair.Put((0, 0));
        var writer = Task.Run(() => Node.Run(() =>
        {
            for (var i = 1L; i <= 200_000; i++)
            {
                pair.Put((i, -i));
            }

            return Task.CompletedTask;
        }));

        while (!writer.IsCompleted)
        {
            var (up, down) = pair.Value;
            Assert.Equal(0, up + down);
        }

        await writer;
    });
}
