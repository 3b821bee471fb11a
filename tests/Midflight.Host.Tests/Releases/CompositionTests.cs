namespace Midflight.Host.Tests;

/// <summary>Ways of upgrades compose: a release goes to any other whose shapes it still knows, whether or not that pair was planned when it was built.</summary>
public sealed class CompositionTests
{
    private static (string, string) Session(string state) => ("demo", $$"""
        {{state}}

        public sealed class Counter : GenServer<Session>
        {
            public static async Task<Pid> Begin() => await Start<Counter>();

            protected override Started<Session> Init(object? argument) => Session.Fresh;

            protected override Answer<Session> HandleCall(object request, Session state) => Reply(state.ToString(), state);
        }
        """);

    private static readonly (string, string) s_first = Session("""
        public sealed record Session(string User, string Room)
        {
            public static readonly Session Fresh = new("ada", "lobby");
        }
        """);

    private static readonly (string, string) s_second = Session("""
        public sealed record Session(string User, int Rooms)
        {
            public static readonly Session Fresh = new("bob", 2);

            [Shape("0.1")] public sealed record V1(string User, string Room);
            [Convert] static Session From(V1 old) => new(old.User, old.Room.Length);
            [Convert] static V1 Back(Session now) => new(now.User, new string('r', now.Rooms));
        }
        """);

    private static readonly (string, string) s_third = Session("""
        public sealed record Session(string User, long[] Rooms)
        {
            public static readonly Session Fresh = new("eve", []);

            public override string ToString() => $"{User} in {string.Join('+', Rooms)}";

            [Shape("0.1")] public sealed record V1(string User, string Room);
            [Shape("0.2")] public sealed record V2(string User, int Rooms);
            [Convert] static V2 From(V1 old) => new(old.User, old.Room.Length);
            [Convert] static V1 Back(V2 now) => new(now.User, new string('r', now.Rooms));
            [Convert] static Session From(V2 old) => new(old.User, [old.Rooms, 100]);
            [Convert] static V2 Back(Session now) => new(now.User, (int)now.Rooms[0]);
        }
        """);

    [Theory]
    [InlineData("0.1", "Session { User = ada, Room = lobby }", "ada in 5+100", "Session { User = ada, Room = rrrrr }")]
    [InlineData("0.2", "Session { User = bob, Rooms = 2 }", "bob in 2+100", "Session { User = bob, Rooms = 2 }")]
    public async Task A_release_upgrades_from_each_version_whose_conversions_it_has_without_a_relup_for_the_pair(string from, string before, string after, string back)
    {
        await using var folder = new ReleaseFolder();
        await folder.Start(from, from == "0.1" ? s_first : s_second);
        folder.Package("0.3", s_third);

        await folder.Node.Run(async () =>
        {
            var session = await ReleaseHandlerTests.Begin(folder);
            Assert.Equal(before, await GenServer.Call<string>(session, "state"));

            var report = await folder.Handler.Install("0.3", InstallSettings.Default);
            Assert.Equal("hot with conversion", report.Verdict);
            Assert.False(File.Exists(folder.Layout.RelupFile("0.3")));
            Assert.Equal(after, await GenServer.Call<string>(session, "state"));

            await folder.Handler.Install(from, InstallSettings.Default);
            Assert.Equal(back, await GenServer.Call<string>(session, "state"));
        });
    }

    [Fact]
    public async Task A_relup_for_another_pair_does_not_stand_in_the_way()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("0.1", s_first);
        folder.Package("0.3", s_third);
        await folder.Relup("0.3", "0.2", [], []);

        await folder.Node.Run(async () =>
        {
            var session = await ReleaseHandlerTests.Begin(folder);
            await folder.Handler.Install("0.3", InstallSettings.Default);
            Assert.Equal("ada in 5+100", await GenServer.Call<string>(session, "state"));
        });
    }

    [Fact]
    public async Task A_release_that_no_longer_knows_a_shape_is_refused_from_there_and_says_what_to_write()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("0.1", s_first);
        folder.Package("0.3", Session("""
            public sealed record Session(string User, long[] Rooms)
            {
                public static readonly Session Fresh = new("eve", []);

                [Shape("0.2")] public sealed record V2(string User, int Rooms);
                [Convert] static Session From(V2 old) => new(old.User, [old.Rooms]);
                [Convert] static V2 Back(Session now) => new(now.User, (int)now.Rooms[0]);
            }
            """));

        var refused = await Assert.ThrowsAsync<ReleaseRefusedException>(() => folder.Handler.Install("0.3", InstallSettings.Default));
        Assert.Contains("Session.Rooms", refused.Message, StringComparison.Ordinal);
        Assert.Contains("[Convert]", refused.Message, StringComparison.Ordinal);
    }
}
