using System.Runtime.CompilerServices;
using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests.Behaviours;

/// <summary>A state machine goes to another code version with its state, its data, what it has postponed and its time-outs.</summary>
public sealed class StateMachineUpgradeTests
{
    // From version 2 on the door counts, its knocks say how loud they are, and a change of code is noted.
    private static string Door(int version) => $$"""
        public enum Place { Shut, Open }
        public sealed record Hinges(string Note{{(version == 1 ? "" : ", int Count = 40")}});
        public sealed record Knock(string By{{(version == 1 ? "" : ", int Loud = 3")}});

        public sealed class Door : GenStateMachine<Place, Hinges>
        {
            public static async Task<Pid> Begin() => await Start<Door>();

            protected override Transition<Place, Hinges> Init(object? argument) => NextState(Place.Shut, new Hinges("new"));

            protected override Transition<Place, Hinges> Handle(Place state, Event what, Hinges data) => (state, what) switch
            {
                (_, Event.Call("what")) => KeepStateAndData().Reply($"v{{version}} {state} {data}"),
                (_, Event.Call("open")) => NextState(Place.Open, data).Reply(0),
                (_, Event.Call("wait")) => KeepStateAndData().NamedTimeout("ring", TimeSpan.FromSeconds(1), new Knock("clock")).Reply(0),
                (Place.Shut, Event.Cast(Knock) or Event.Call(Knock)) => KeepStateAndData().Postpone(),
                (Place.Open, Event.Call(Knock knock)) => KeepStateAndData().Reply($"v{{version}} hears {knock}"),
                (Place.Open, Event.Cast(Knock knock)) => KeepState(data with { Note = $"{data.Note}, {knock}" }),
                (_, Event.NamedTimeout("ring", Knock knock)) => KeepState(data with { Note = $"{data.Note}, rung by {knock}" }),
                _ => base.Handle(state, what, data),
            };

            {{(version == 1 ? "" : """
            protected override (Place State, Hinges Data) CodeChange(OldVsn from, Place state, Hinges data, object? extra) =>
                (state, data with { Note = $"{data.Note} {(from.IsDown ? "down" : "up")}" });
            """)}}
        }
        """;

    private static ApplicationImage Image(int version) => Compile.Application("door", Door(version), $"0.{version}.0");

    [Fact]
    public async Task State_and_data_what_is_postponed_and_time_outs_come_along_and_the_old_version_goes()
    {
        await using var node = new TestNode();
        await node.Load(Image(1));
        var (door, call) = await Knocked(node);
        await node.Load(Image(2));

        var report = Assert.Single((await node.Code.Purge("door", PurgeMethod.Soft)).Prove(node.Node));
        Assert.Equal("door 0.1.0 (#1) is unloaded.", report.ToString());

        node.Time.Advance(TimeSpan.FromSeconds(1));
        await node.Run(async () =>
        {
            Assert.Equal("v2 Shut Hinges { Note = new, rung by Knock { By = clock, Loud = 3 }, Count = 40 }", await GenServer.Call<string>(door, "what"));
            await GenServer.Call<int>(door, "open");
            Assert.Equal(
                "v2 Open Hinges { Note = new, rung by Knock { By = clock, Loud = 3 }, Knock { By = cast, Loud = 3 }, Count = 40 }",
                await GenServer.Call<string>(door, "what"));
        });
        Assert.Equal("v2 hears Knock { By = caller, Loud = 3 }", await call);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<(Pid Door, Task<string> Call)> Knocked(TestNode node)
    {
        var door = default(Pid);
        Task<string> call = null!;
        await node.Run(async () =>
        {
            door = await GenServer.Start(node.Module("Door"));
            await GenServer.Call<int>(door, "wait");
            GenServer.Cast(door, Hot.New(node, "Knock", "cast"));
        });

        // No process of the test waits for it, so none is kept.
        call = GenServer.Call<string>(door, Hot.New(node, "Knock", "caller"), Timeout.InfiniteTimeSpan).AsTask();
        await node.Run(async () => await Sys.GetState(door));
        return (door, call);
    }

    [Fact]
    [Scenario(107, "A gen_statem worker")]
    public async Task A_release_takes_it_up_and_down_through_CodeChange()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", ("demo", Door(1)));
        folder.Package("2", ("demo", Door(2)));

        await folder.Node.Run(async () =>
        {
            var door = await (Task<Pid>)Hot.Call(folder.Node, "Door", "Begin")!;
            GenServer.Cast(door, Hot.New(folder.Node, "Knock", "early"));

            await folder.Handler.Install("2", InstallSettings.Default);
            Assert.Equal("v2 Shut Hinges { Note = new up, Count = 40 }", await GenServer.Call<string>(door, "what"));

            await folder.Handler.Install("1", InstallSettings.Default);
            Assert.Equal("v1 Shut Hinges { Note = new up down }", await GenServer.Call<string>(door, "what"));
            await GenServer.Call<int>(door, "open");
            Assert.Equal("v1 Open Hinges { Note = new up down, Knock { By = early } }", await GenServer.Call<string>(door, "what"));
        });
    }

    [Fact]
    [Scenario(48, "gen_statem code_change")]
    public async Task A_CodeChange_that_throws_leaves_state_and_data_as_they_were()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", ("demo", Door(1)));
        folder.Package("2", ("demo", Door(2).Replace("(state, data with { Note = $\"{data.Note} {", "throw new InvalidOperationException($\"{", StringComparison.Ordinal)
            .Replace("\"up\")}\" });", "\"up\")} refused\");", StringComparison.Ordinal)));

        await folder.Node.Run(async () =>
        {
            var door = await (Task<Pid>)Hot.Call(folder.Node, "Door", "Begin")!;
            GenServer.Cast(door, Hot.New(folder.Node, "Knock", "early"));
            var failure = await Assert.ThrowsAsync<UpgradeFailedException>(() => folder.Handler.Install("2", InstallSettings.Default));
            Assert.Contains("up refused", failure.Message, StringComparison.Ordinal);
            await GenServer.Call<int>(door, "open");
            Assert.Equal("v1 Open Hinges { Note = new, Knock { By = early } }", await GenServer.Call<string>(door, "what"));
        });
    }

    [Fact]
    public async Task A_state_that_cannot_be_converted_is_refused_with_the_line_to_write()
    {
        await using var node = new TestNode();
        await node.Load(Image(1));

        await node.Run(async () =>
        {
            var door = await GenServer.Start(node.Module("Door"));
            var without = Compile.Application("door", Door(2).Replace("int Count = 40", "int Count", StringComparison.Ordinal)
                .Replace("new Hinges(\"new\")", "new Hinges(\"new\", 0)", StringComparison.Ordinal), "0.2.0");
            var refused = Assert.IsType<LoadResult.Refused>(await node.Code.Load([without], PurgeMethod.Soft));
            Assert.StartsWith($"door 0.2.0 was not loaded: the state of Door, which {door} runs, cannot be converted. Hinges.Count", refused.Why.ToString(), StringComparison.Ordinal);
            Assert.StartsWith("v1", await GenServer.Call<string>(door, "what"), StringComparison.Ordinal);
        });
    }
}
