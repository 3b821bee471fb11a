using Midflight.Tests.Processes;
using static Midflight.Process;

namespace Midflight.Tests.Registries;

/// <summary>Listeners, metadata, values by Via and locks, as Elixir's Registry has them.</summary>
public sealed class RegistryMetaTests : ProcessTest
{
    private sealed class Room : GenServer<int>
    {
        protected override Started<int> Init(object? argument) => 0;
    }

    [Fact]
    public Task Listeners_are_told_of_entries_that_come_and_go() => Run(async () =>
    {
        Register("listener", Self);
        await Registry.StartLink("rooms", listeners: ["listener", "nobody"]);
        Registry.Register("rooms", "lobby", 1);
        Assert.Equal(new RegistryChange("rooms", "lobby", Self, 1, true), await Receive());
        Assert.False(Registry.Register("rooms", "lobby", 2));
        Registry.Unregister("rooms", "lobby");
        Assert.Equal(new RegistryChange("rooms", "lobby", Self, null, false), await Receive());
        var room = await GenServer.Start<Room>(null, new Via("rooms", 5) { Value = "five" });
        Assert.Equal(new RegistryChange("rooms", 5, room, "five", true), await Receive());
        await GenServer.Stop(room);
        Assert.Equal(new RegistryChange("rooms", 5, room, null, false), await Receive());
        Assert.Null(await Receive(TimeSpan.Zero));
    });

    [Fact]
    public Task A_process_that_is_started_by_via_has_the_value_that_it_says() => Run(async () =>
    {
        await Registry.StartLink("rooms");
        var via = new Via("rooms", "lobby") { Value = 7 };
        var room = await GenServer.StartOrFind<Room>(null, via);
        Assert.Equal((room, 7), (Registry.Lookup("rooms", "lobby").Single().Pid, Registry.Lookup("rooms", "lobby").Single().ValueAs<int>()));
        Assert.Equal(room, await GenServer.StartOrFind<Room>(null, new Via("rooms", "lobby")));
    });

    [Fact]
    public Task Metadata_is_kept_read_and_deleted_and_goes_with_its_registry() => Run(async () =>
    {
        var registry = await Registry.StartLink("rooms");
        Assert.False(Registry.TryGetMeta<int>("rooms", "limit", out _));
        Registry.PutMeta("rooms", "limit", 5);
        Registry.PutMeta("rooms", "limit", 6);
        Assert.True(Registry.TryGetMeta<int>("rooms", "limit", out var limit));
        Assert.Equal(6, limit);
        Assert.Throws<InvalidCastException>(() => Registry.TryGetMeta<string>("rooms", "limit", out _));
        Assert.True(Registry.DeleteMeta("rooms", "limit"));
        Assert.False(Registry.DeleteMeta("rooms", "limit"));
        Registry.PutMeta("rooms", "limit", 7);
        await GenServer.Stop(registry);
        await Registry.StartLink("rooms");
        Assert.False(Registry.TryGetMeta<int>("rooms", "limit", out _));
    });

    [Fact]
    public Task A_lock_is_for_one_at_a_time_in_the_order_in_which_they_asked() => Run(async () =>
    {
        await Registry.StartLink("rooms");
        var self = Self;
        var word = new TaskCompletionSource();

        Pid Locking(int number) => Spawn(async () => Send(self, await Registry.Lock("rooms", "key", async () =>
        {
            Send(self, $"{number} begins");
            await word.Task;
            return $"{number} ends";
        })));

        Locking(1);
        Assert.Equal("1 begins", await Receive());
        var second = Locking(2);
        await Until(() => second.Cell!.Rests);
        Locking(3);
        Assert.Equal("other", await Registry.Lock("rooms", "other key", () => Task.FromResult("other")));
        word.SetResult();

        foreach (var expected in "1 ends,2 begins,2 ends,3 begins,3 ends".Split(','))
        {
            await Receive<string>(said => said == expected);
        }
    });

    [Fact]
    public Task A_lock_is_given_back_when_its_function_fails_or_its_process_ends() => Run(async () =>
    {
        await Registry.StartLink("rooms");
        await Assert.ThrowsAsync<FormatException>(async () => await Registry.Lock("rooms", 1, Task () => throw new FormatException()));
        var held = new TaskCompletionSource();
        var holder = Spawn(async () => await Registry.Lock("rooms", 1, async () =>
        {
            held.SetResult();
            await new TaskCompletionSource().Task;
        }));
        await held.Task;
        var waiter = Spawn(async () => await Registry.Lock("rooms", 1, () => Task.CompletedTask));
        await Until(() => waiter.Cell!.Rests);
        Exit(waiter, ExitReason.Kill);
        await EndOf(waiter);
        var mine = Registry.Lock("rooms", 1, () => Task.FromResult("mine")).AsTask();
        Exit(holder, ExitReason.Kill);
        Assert.Equal("mine", await mine);
    });

    [Fact]
    public Task A_lock_within_the_same_lock_is_refused() => Run(async () =>
    {
        await Registry.StartLink("rooms");
        Assert.Contains("would wait for itself", (await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await Registry.Lock("rooms", 1, () => Registry.Lock("rooms", 1, () => Task.CompletedTask).AsTask()))).Message);
        Assert.Equal(2, await Registry.Lock("rooms", 1, () => Task.FromResult(2)));
    });

    [Fact]
    public Task A_stray_call_or_cast_leaves_a_registry_as_it_is() => Run(async () =>
    {
        var registry = await Registry.StartLink("rooms");
        GenServer.Cast(registry, "what");
        await Assert.ThrowsAsync<NotSupportedException>(async () => await GenServer.Call<object>(registry, "what"));
        Assert.Equal(0, Registry.Count("rooms"));
        Assert.True(registry.IsAlive);
    });

    // RegistryLocks.Leave: without the place being taken out of the line by its owner's end a later one waits for ever.
    [Fact]
    [Trait("Category", "Stress")]
    public Task A_lock_of_many_who_are_killed_at_random_is_never_held_by_two_and_always_free_in_the_end() => Run(async () =>
    {
        await Registry.StartLink("rooms");
        var holders = 0;
        var all = new List<Pid>();

        for (var i = 0; i < 500; i++)
        {
            var number = i;
            all.Add(Spawn(async () => await Registry.Lock("rooms", 1, async () =>
            {
                Assert.Equal(1, Interlocked.Increment(ref holders));
                await Task.Yield();
                Interlocked.Decrement(ref holders);
            })));

            if (i % 3 == 0)
            {
                // One that waits, mostly: who has it might be ended between the two counts.
                Exit(all[^1], ExitReason.Shutdown);
            }
        }

        await Until(() => Node.ProcessCount == 2);
        Assert.Equal("free", await Registry.Lock("rooms", 1, () => Task.FromResult("free")));
    });
}
