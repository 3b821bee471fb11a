using Midflight.Tests.Processes;
using static Midflight.Process;

namespace Midflight.Tests.Registries;

/// <summary>Registries, as Elixir has them.</summary>
public sealed class RegistryTests : ProcessTest
{
    private sealed class Room : GenServer<string>
    {
        protected override Started<string> Init(object? argument) => argument as string ?? throw new FormatException("no topic");

        protected override Answer<string> HandleCall(object request, string state) => Reply(state, state);
    }

    [Fact]
    public Task A_unique_key_names_one_process_until_it_ends() => Run(async () =>
    {
        await Registry.StartLink("rooms");
        Assert.True(Registry.Register("rooms", "lobby", "value"));
        Assert.False(Registry.Register("rooms", "lobby"));
        var entry = Assert.Single(Registry.Lookup("rooms", "lobby"));
        Assert.Equal((Self, "lobby", "value"), (entry.Pid, entry.Key, entry.ValueAs<string>()));
        Assert.Equal(Self, Registry.WhereIs("rooms", "lobby"));
        Assert.Null(Registry.WhereIs("rooms", "attic"));
        Assert.Equal(["lobby"], Registry.Keys("rooms", Self));

        Registry.Unregister("rooms", "lobby");
        Registry.Unregister("rooms", "lobby");
        var other = Spawn(async () =>
        {
            Assert.True(Registry.Register("rooms", "lobby"));
            await Receive();
        });
        await Until(() => Registry.WhereIs("rooms", "lobby") == other);
        Assert.False(Registry.Register("rooms", "lobby"));
        Exit(other, ExitReason.Kill);
        await EndOf(other);
        Assert.True(Registry.Register("rooms", "lobby"));
        Assert.Equal(1, Registry.Count("rooms"));
    });

    [Fact]
    public Task A_duplicate_key_has_many_processes_and_a_message_goes_to_all() => Run(async () =>
    {
        await Registry.StartLink("topics", RegistryKeys.Duplicate);
        var self = Self;
        Registry.Register("topics", "news", 0);

        for (var i = 1; i <= 3; i++)
        {
            var number = i;
            Spawn(async () =>
            {
                Registry.Register("topics", "news", number);
                Registry.Register("topics", "news", number);
                Send(self, "ready");
                Send(self, (number, await Receive<string>(), await Receive<string>()));
            });
            Assert.Equal("ready", await Receive());
        }

        Assert.Equal(7, Registry.Lookup("topics", "news").Count);
        Assert.Equal([0, 1, 1, 2, 2, 3, 3], Registry.All("topics").Select(entry => entry.ValueAs<int>()).Order());
        Registry.Unregister("topics", "news");
        Assert.Equal(6, Registry.Dispatch("topics", "news", entry => Send(entry.Pid, $"hello {entry.Value}")));

        foreach (var _ in Enumerable.Range(0, 3))
        {
            var (number, first, second) = ((int, string, string))await Receive();
            Assert.Equal(($"hello {number}", $"hello {number}"), (first, second));
        }

        await Until(() => Registry.Count("topics") == 0);
        Assert.Equal(0, Registry.Dispatch("topics", "news", _ => { }));
    });

    [Fact]
    public Task A_process_changes_the_value_of_its_own_entries_only() => Run(async () =>
    {
        await Registry.StartLink("rooms");
        Registry.Register("rooms", "lobby", 1);
        Assert.True(Registry.UpdateValue("rooms", "lobby", value => (int)value! + 1));
        Assert.Equal(2, Registry.Lookup("rooms", "lobby")[0].Value);
        var self = Self;
        Spawn(() =>
        {
            Send(self, Registry.UpdateValue("rooms", "lobby", _ => 9));
            return Task.CompletedTask;
        });
        Assert.Equal(false, await Receive());
        Assert.Equal(2, Registry.Lookup("rooms", "lobby")[0].Value);
    });

    [Fact]
    public Task A_server_is_started_and_called_by_its_key() => Run(async () =>
    {
        await Registry.StartLink("rooms");
        var lobby = new Via("rooms", 17);
        var room = await GenServer.Start<Room>("talk", lobby);
        Assert.Equal("talk", await GenServer.Call<string>(lobby, "topic"));
        Assert.Equal("talk", await Sys.GetState(new Via("rooms", 17)));
        var taken = await Assert.ThrowsAsync<StartFailedException>(() => GenServer.Start<Room>("other", lobby).AsTask());
        Assert.Equal($"{typeof(Room).FullName} was not started: 17 in 'rooms' is taken by {room}. Use that one, or choose another name.", taken.Message);

        Exit(room, ExitReason.Kill);
        await EndOf(room);
        Assert.Equal(CallFailure.NoProcess, (await Assert.ThrowsAsync<CallFailedException>(() => GenServer.Call<string>(lobby, "topic").AsTask())).Failure);
        await Assert.ThrowsAsync<StartFailedException>(() => GenServer.StartLink<Room>(null, lobby).AsTask());
        room = await GenServer.StartLink<Room>("again", lobby);
        Assert.Equal(room, Registry.WhereIs("rooms", 17));
    });

    [Fact]
    public Task A_child_that_crashes_comes_back_under_its_key() => Run(async () =>
    {
        TrapExits = true;
        var supervisor = await GenServer.StartLink<House>();
        var room = Registry.WhereIs("house", "lobby")!.Value;
        Assert.Equal("talk", await GenServer.Call<string>(new Via("house", "lobby"), "topic"));
        Exit(room, ExitReason.Kill);
        await Until(() => Registry.WhereIs("house", "lobby") is { } next && next != room);
        Assert.Equal("talk", await GenServer.Call<string>(new Via("house", "lobby"), "topic"));
        Exit(supervisor, ExitReason.Shutdown);
        await EndOf(supervisor);
        Assert.Equal(
            "There is no registry 'house'. Start it before its users: Registry.Child(\"house\") in their supervisor.",
            Assert.Throws<InvalidOperationException>(() => Registry.WhereIs("house", "lobby")).Message);
    });

    private sealed class House : Supervisor
    {
        protected override SupervisorSpec Init(object? argument) => new(
            Strategy.OneForOne, [Registry.Child("house"), Child.Of<Room>("talk") with { Via = new Via("house", "lobby") }]);
    }

    [Fact]
    public Task Two_registries_of_a_name_are_refused_and_a_registry_shows_what_it_holds() => Run(async () =>
    {
        var registry = await Registry.StartLink("rooms");
        var failed = await Assert.ThrowsAsync<StartFailedException>(() => Registry.StartLink("rooms").AsTask());
        Assert.Contains("There is already a registry 'rooms'.", failed.Message);
        Registry.Register("rooms", "lobby");
        Assert.Equal("registry 'rooms', 1 entries", (await Sys.GetStatus(registry)).State);
    });

    [Fact]
    public Task Via_is_not_supported_for_duplicate_registries() => Run(async () =>
    {
        await Registry.StartLink("topics", RegistryKeys.Duplicate);
        var via = new Via("topics", "news");
        Assert.Contains("duplicate keys", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await GenServer.Start<Room>("news", via))).Message);
        Assert.Throws<InvalidOperationException>(() => GenServer.Cast(via, "news"));
        Assert.Empty(Registry.Lookup("topics", "news"));
    });

    [Fact]
    public Task Update_value_raises_for_duplicate_registries() => Run(async () =>
    {
        await Registry.StartLink("topics", RegistryKeys.Duplicate);
        Registry.Register("topics", "news", 1);
        Assert.Contains("duplicate keys", Assert.Throws<InvalidOperationException>(() => Registry.UpdateValue("topics", "news", _ => 2)).Message);
        Assert.Equal(1, Registry.Lookup("topics", "news").Single().ValueAs<int>());
    });

    [Fact]
    public Task The_key_that_is_taken_is_told_with_the_process_that_has_it() => Run(async () =>
    {
        await Registry.StartLink("rooms");
        var via = new Via("rooms", "lobby");
        var room = await GenServer.Start<Room>("lobby", via);
        var taken = await Assert.ThrowsAsync<StartFailedException>(() => GenServer.Start<Room>("lobby", via).AsTask());
        Assert.Equal(room, taken.AlreadyStarted);
    });
}
