namespace Midflight.Releases.Tests.Shapes;

public sealed class ConversionPlanTests
{
    private const string Old = "namespace App; public sealed record Session(string User, string Room);";

    private const string Now = """
        namespace App;
        public sealed record Session(string User, ImmutableList<string> Rooms)
        {
            [Shape("0.1")] public sealed record V1(string User, string Room);
            [Convert] static Session From(V1 old) => new(old.User, [old.Room]);
            [Convert] static V1 Back(Session now) => new(now.User, now.Rooms[0]);
        }
        """;

    private static ConversionPlan Plan(ShapeRules rules, string type = "App.Session") =>
        ConversionPlan.Of(rules, new TypeName.Named(type), new TypeName.Named(type));

    [Fact]
    public void A_written_conversion_is_found_up_and_down()
    {
        Assert.Equal(ConversionVerdict.Written, Plan(Sources.Rules(Old, Now)).Verdict);
        Assert.Equal(ConversionVerdict.Written, Plan(Sources.Rules(Now, Old, "0.2.0", "0.1.0")).Verdict);
    }

    [Fact]
    public void Conversions_compose_from_every_shape_that_is_known()
    {
        const string Later = """
            namespace App;
            public sealed record Session(string User, ImmutableList<string> Rooms, DateTime Since)
            {
                [Shape("0.1")] public sealed record V1(string User, string Room);
                [Shape("0.2")] public sealed record V2(string User, ImmutableList<string> Rooms);
                [Convert] static V2 From(V1 old) => new(old.User, [old.Room]);
                [Convert] static Session From(V2 old) => new(old.User, old.Rooms, default);
            }
            """;
        var rules = Sources.Rules(Old, Later, "0.1.4", "0.3.0");

        var route = rules.Route(rules.From.Find("App.Session")!, rules.To.Find("App.Session")!);

        Assert.Equal(["V1", "V2", "Session"], route.Steps.Select(step => step switch
        {
            RouteStep.ByShape(_, var to) => to.ToString()!.Split('.')[^1],
            RouteStep.Call(var call, _) => call.To.ToString()!.Split('.')[^1],
            _ => "",
        }));
    }

    [Fact]
    public void What_an_abstract_type_declares_is_looked_at_in_each_type_that_derives_from_it()
    {
        const string Before = """
            namespace App;
            public abstract record Value(long Age);
            public sealed record Text(string It, long Age) : Value(Age);
            public sealed record Items(long Age) : Value(Age);
            public sealed record Session(Value[] All);
            """;
        const string After = """
            namespace App;
            public abstract record Value(long Touched);
            public sealed record Text(string It, long Touched) : Value(Touched)
            {
                [Shape("0.1")] public sealed record V1(string It, long Age);
                [Convert] static Text From(V1 old) => new(old.It, old.Age);
                [Convert] static V1 Back(Text now) => new(now.It, now.Touched);
            }
            public sealed record Session(Value[] All);
            """;

        // Where each has a way of its own nothing is left to ask; the one that has none asks for itself.
        var plan = Plan(Sources.Rules(Before, After + "public sealed record Items(long Touched) : Value(Touched);"));
        Assert.Equal("App.Items", "App." + Assert.Single(plan.Refusals).Type);

        const string Items = """
            public sealed record Items(long Touched) : Value(Touched)
            {
                [Shape("0.1")] public sealed record V1(long Age);
                [Convert] static Items From(V1 old) => new(old.Age);
                [Convert] static V1 Back(Items now) => new(now.Touched);
            }
            """;
        Assert.Empty(Plan(Sources.Rules(Before, After + Items)).Refusals);
        Assert.Empty(Plan(Sources.Rules(After + Items, Before, "0.2.0", "0.1.0")).Refusals);
    }

    [Fact]
    public void The_version_decides_between_shapes_that_are_the_same()
    {
        const string SameShape = """
            namespace App;
            public sealed record Session(string User, string Room)
            {
                [Shape("0.1")] public sealed record V1(string User, string Room);
                [Convert] static Session From(V1 old) => new(old.User, "#" + old.Room);
            }
            """;

        Assert.Equal(ConversionVerdict.Written, Plan(Sources.Rules(Old, SameShape)).Verdict);
        Assert.Equal(ConversionVerdict.Unchanged, Plan(Sources.Rules(SameShape, SameShape, "0.2.0", "0.3.0")).Verdict);
    }

    [Fact]
    public void A_state_that_was_a_number_becomes_a_record_by_a_written_conversion()
    {
        var rules = Sources.Rules("", "record State(int Count, int Most) { [Convert] static State From(int old) => new(old, old); }");

        Assert.Empty(ConversionPlan.Of(rules, Named("System.Int32"), Named("State")).Refusals);
        Assert.Equal(
            "string was State and is string, and neither is the new form of the other. Write in a type of the new version: `[Convert] static string From(State old) => …;`.",
            ConversionPlan.Of(rules, Named("State"), Named("System.String")).Refusals.Single().ToString());
    }

    [Fact]
    public void A_renamed_type_is_found_by_the_name_in_its_shape()
    {
        var rules = Sources.Rules(
            "record Connection(string User);",
            "record Session(string User) { [Shape(\"0.1\", Name = \"Connection\")] record V1(string User); [Convert] static Session From(V1 old) => new(old.User); }");

        Assert.Equal("Session", rules.Namesake(rules.From.Find("Connection")!)?.Name);
        Assert.Equal(ConversionVerdict.Written, ConversionPlan.Of(rules, Named("Connection"), Named("Session")).Verdict);
    }

    [Fact]
    public void All_types_in_reach_are_planned_and_what_is_lost_or_unproven_is_told()
    {
        var plan = Plan(
            Sources.Rules(
                "class Session { public List<Item> Items = []; public object? Any; public int Gone; } record Item(int Size); record Small(int Size) : Item(Size);",
                "class Session { public List<Item> Items = []; public object? Any; } record Item(long Size); record Small(long Size) : Item(Size);"),
            "Session");

        Assert.Equal(["Session ByShape", "Item ByShape", "Small ByShape"], plan.Types.Select(type => $"{type.Name} {type.Verdict}"));
        Assert.Equal("Session.Gone is dropped", Assert.Single(plan.Types[0].Notes));
        Assert.Equal("Session.Any is object; its content is known only in the node", Assert.Single(plan.Types[0].Unproven));
    }

    private static TypeName.Named Named(string name) => new(name);
}
