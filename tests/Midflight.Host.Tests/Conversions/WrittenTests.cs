using static Midflight.Host.Tests.Conversions.Versions;

namespace Midflight.Host.Tests.Conversions;

/// <summary>Conversions that are written in the code.</summary>
public sealed class WrittenTests
{
    private const string V1 = "public sealed record Session(string User, string Room);";

    private const string V2 = """
        public sealed record Session(string User, ImmutableList<string> Rooms)
        {
            [Shape("0.1")] public sealed record V1(string User, string Room);
            [Convert] static Session From(V1 old) => new(old.User, [old.Room]);
            [Convert] static V1 Back(Session now) => new(now.User, now.Rooms[0]);
        }
        """;

    [Fact]
    public void The_new_code_says_how_its_earlier_shape_becomes_the_new_one() => Assert.Equal(
        "ann lobby", Cross(V1, "new Session(\"ann\", \"lobby\")", V2, "Session it => it.User + \" \" + it.Rooms.Single()"));

    [Fact]
    public void On_the_way_down_the_newer_code_says_it() => Assert.Equal(
        "ann lobby", Cross(V2, "new Session(\"ann\", [\"lobby\", \"bar\"])", V1, "Session it => it.User + \" \" + it.Room", "0.2.0", "0.1.0"));

    [Fact]
    public void Conversions_compose()
    {
        const string V3 = """
            public sealed record Session(string User, ImmutableList<string> Rooms, int Count)
            {
                [Shape("0.1")] public sealed record V1(string User, string Room);
                [Shape("0.2")] public sealed record V2(string User, ImmutableList<string> Rooms);
                [Convert] static V2 From(V1 old) => new(old.User, [old.Room]);
                [Convert] static Session From(V2 old) => new(old.User, old.Rooms, old.Rooms.Count);
            }
            """;
        Assert.Equal("lobby 1", Cross(V1, "new Session(\"ann\", \"lobby\")", V3, "Session it => it.Rooms[0] + \" \" + it.Count", "0.1.0", "0.3.0"));
        Assert.Equal("b 2", Cross(V2, "new Session(\"ann\", [\"a\", \"b\"])", V3, "Session it => it.Rooms[1] + \" \" + it.Count", "0.2.0", "0.3.0"));
    }

    [Fact]
    public void They_are_used_wherever_such_a_value_stands_and_shared_objects_stay_shared() => Assert.Equal(
        "True lobby",
        Cross(
            V1 + "public class State { public List<Session> All = []; public object? Same; }", "new State { All = { new(\"ann\", \"lobby\") } } is var s && (s.Same = s.All[0]) != null ? s : null",
            V2 + "public class State { public List<Session> All = []; public object? Same; }", "State it => (it.All[0] == it.Same) + \" \" + it.All[0].Rooms[0]"));

    [Fact]
    public void A_state_that_was_a_number_becomes_a_record_and_a_number_again()
    {
        const string State = "public record State(int Count, ImmutableList<int> History) { [Convert] static State From(int old) => new(old, [old]); [Convert] static int Back(State now) => now.Count; }";

        Assert.Equal("5 5", Cross("", "5", State, "State it => $\"{it.Count} {it.History[0]}\""));
        Assert.Equal(6, Cross(State, "new State(6, [])", "", "int it => it"));
    }

    [Fact]
    public void A_renamed_type_goes_by_the_name_in_its_shape() => Assert.Equal(
        "ann",
        Cross(
            "public record Connection(string User); public class State { public object It = new Connection(\"ann\"); public Connection Also = new(\"bob\"); }", "new State()",
            "public record Session(string User) { [Shape(\"0.1\", Name = \"Connection\")] public record V1(string User); [Convert] static Session From(V1 old) => new(old.User); } public class State { public object? It; public Session? Also; }",
            "State it => ((Session)it.It!).User"));

    [Fact]
    public void One_that_throws_is_named()
    {
        var message = Refusal(
            V1 + "public record State(Session[] All);", "new State([new(\"ann\", \"\")])",
            "public record State(Session[] All);" + V2.Replace("=> new(old.User, [old.Room])", "=> throw new FormatException(\"No room.\")"));

        Assert.Equal("State.All[0]: Session.From threw FormatException: No room. Fix it, or the value that it cannot handle.", message);
    }

    [Fact]
    public void Check_says_what_is_refused_before_any_value_is_there()
    {
        var versions = Of("public record Session(string User);", "1", "public record Session(string User, int Age);", "int it => it");

        Assert.Equal("Age", Assert.Single(versions.Up.Refusals(versions.Old.FindType("Session")!, versions.Now.FindType("Session")!)).Member);
        Assert.Empty(versions.Down.Refusals(versions.Now.FindType("Session")!, versions.Old.FindType("Session")!));
    }

    [Fact]
    public void A_rehearsal_returns_what_a_conversion_would_throw()
    {
        var versions = Of("public record Session(string User);", "new Session(\"ann\")", "public record Session(string User, int Age);", "int it => it");

        Assert.StartsWith("Session.Age is new and set from a constructor parameter that no old member provides", versions.Up.Rehearse(versions.Make())!.Message);
        Assert.Null(versions.Up.Rehearse("shared"));
    }
}
