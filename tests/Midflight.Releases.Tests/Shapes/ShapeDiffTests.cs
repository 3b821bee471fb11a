using Midflight.Releases.Declared;

namespace Midflight.Releases.Tests.Shapes;

public sealed class ShapeDiffTests
{
    private static TypeChange Change(string old, string now, string type = "Session")
    {
        var rules = Sources.Rules(old, now);
        return rules.Change(rules.From.Find(type)!, rules.To.Find(type)!);
    }

    private static string Refusal(string old, string now) => Assert.Single(Change(old, now).Refusals).ToString();

    [Fact]
    public void A_rebuild_of_the_same_type_is_unchanged() =>
        Assert.True(Change("record Session(string User, int Age);", "record Session(string User, int Age);").IsUnchanged);

    [Fact]
    public void Members_are_fields_and_the_properties_in_front_of_them()
    {
        var shape = Sources.Rules("class Session(int seed) { private int _a = 1; public string B { get; set; } = \"\"; public int C => seed; }", "")
            .From.Find("Session")!;

        Assert.Equal(["B", "_a", "seed"], shape.Members.Select(member => member.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_record_gains_a_member_with_its_declared_default()
    {
        var change = Change("record Session(string User);", "record Session(string User, int Age = 7);");

        Assert.Empty(change.Refusals);
        Assert.Equal(NewMemberDefault.Declared, Assert.Single(change.Added).Default);
        Assert.Equal(new DeclaredValue.Constant(7), change.Added[0].Value);
    }

    [Fact]
    public void An_initialiser_is_a_declared_default()
    {
        var change = Change("class Session { public string? User; }", "class Session { public string? User; public List<int> Ages { get; } = []; }");

        Assert.Equal(NewMemberDefault.Declared, Assert.Single(change.Added).Default);
        Assert.IsType<DeclaredValue.Made>(change.Added[0].Value);
    }

    [Fact]
    public void A_new_member_that_may_be_null_is_null()
    {
        var change = Change("class Session { public string? User; }", "class Session { public string? User; public string? Room; public int? Age; }");

        Assert.All(change.Added, member => Assert.Equal(NewMemberDefault.Null, member.Default));
    }

    [Fact]
    public void A_new_value_that_nothing_sets_is_zero() =>
        Assert.Equal(NewMemberDefault.Zero, Assert.Single(Change("class Session;", "class Session { public int Age; }").Added).Default);

    [Fact]
    public void A_new_parameter_without_default_is_refused_with_the_lines_to_write() => Assert.Equal(
        "Session.Age is new and set from a constructor parameter that no old member provides. Give it a default, `int Age = …`, or write in Session: " +
        "`[Shape(\"0.1\")] sealed record V1(string User);` and `[Convert] static Session From(V1 old) => …;`.",
        Refusal("record Session(string User);", "record Session(string User, int Age);"));

    [Fact]
    public void A_new_reference_that_may_not_be_null_is_refused() => Assert.StartsWith(
        "Session.Rooms is new, may not be null and has no default. Give it a default, `List<string> Rooms = …`, or write in Session:",
        Refusal("class Session;", "class Session { public List<string> Rooms; }"));

    [Fact]
    public void A_new_required_member_is_refused() => Assert.StartsWith(
        "Session.Age is new, required and has no default.",
        Refusal("class Session;", "class Session { public required int Age { get; init; } }"));

    [Fact]
    public void A_member_that_only_an_uncallable_constructor_sets_is_refused() => Assert.StartsWith(
        "Session.Rooms is new, and only running its constructor would tell its value, as it is computed from what the constructor is given.",
        Refusal("class Session;", "class Session { public Session(int seed) { Rooms = new(seed); } public List<string> Rooms; }"));

    [Theory]
    [InlineData("string", "int", "Session.X was string and is int, and neither is the new form of the other.")]
    [InlineData("Color", "int", "Session.X was Color and is int, and neither is the new form of the other.")]
    [InlineData("int", "TimeSpan", "Session.X was int and is TimeSpan, and neither is the new form of the other.")]
    [InlineData("string", "Uri", "Session.X was string and is Uri, and neither is the new form of the other.")]
    [InlineData("List<string>", "List<int>", "Session.X was List<string> and is List<int>, and neither is the new form of the other.")]
    public void What_no_value_can_become_is_refused(string old, string now, string expected) => Assert.StartsWith(
        expected,
        Refusal(With(old), With(now)));

    [Theory]
    [InlineData("long", "int")]
    [InlineData("int?", "int")]
    [InlineData("string?", "string")]
    [InlineData("List<long>", "List<int>")]
    [InlineData("object", "string")]
    [InlineData("IDisposable", "System.IO.Stream")]
    [InlineData("object", "Other")]
    [InlineData("Lazy<Other>", "Lazy<Other>")]
    public void What_some_values_can_become_is_decided_by_the_live_value(string old, string now)
    {
        var change = Change(With(old), With(now));

        Assert.Empty(change.Refusals);
        Assert.True(Assert.Single(change.Kept).IsOpen);
    }

    [Theory]
    [InlineData("Uri?", "string?")]
    [InlineData("int?", "Uri?")]
    [InlineData("Other?", "List<Other>?")]
    [InlineData("DateTime?", "DateTimeOffset?")]
    public void Where_both_may_be_null_null_passes_whatever_else_they_are(string old, string now)
    {
        var change = Change(With(old), With(now));

        Assert.Empty(change.Refusals);
        Assert.IsType<PlaceRule.OnlyNull>(Assert.Single(change.Kept).Rule);
    }

    [Theory]
    [InlineData("private int _count;", "public int Count { get; set; }")]
    [InlineData("private int m_count;", "private int count;")]
    [InlineData("private int count;", "private long _count;")]
    public void A_member_that_is_only_spelled_another_way_is_the_same(string old, string now)
    {
        var change = Change($"class Session {{ {old} }}", $"class Session {{ {now} }}");

        Assert.True(Assert.Single(change.Kept).IsFolded);
        Assert.Empty(change.Dropped);
        Assert.Empty(change.Added);
    }

    [Fact]
    public void A_member_that_may_be_the_new_name_of_one_that_is_gone_is_asked_for() => Assert.Equal(
        "Session.Lines is new and Count, of the same type, is gone: this may be a rename. " +
        "Write on Session: `[Renamed(\"Count\", \"Lines\")]` if it is, or `[Dropped(\"Count\")]` if the value of Count may be lost.",
        Refusal("record Session(int Count = 0);", "record Session(int Lines = 0);"));

    [Fact]
    public void A_type_that_has_moved_to_another_namespace_is_the_same()
    {
        var rules = Sources.Rules("namespace A { class Args { public int N; } }", "namespace B { class Args { public int N; } }");

        Assert.Equal("B.Args", rules.Namesake(rules.From.Find("A.Args")!)?.Name);
    }

    [Theory]
    [InlineData("public int X = 5;", "5")]
    [InlineData("public int X { get; set; } public Session() { X = 30; }", "30")]
    [InlineData("public int X; public Session() : this(8080) { } public Session(int port) { X = port; }", "8080")]
    [InlineData("public int X; public Session(int limit = 10) { X = limit; }", "10")]
    [InlineData("public int X; static int Start() => 4 * Two; const int Two = 2; public Session() { X = Start(); }", "8")]
    [InlineData("public int X; public Session(bool on = true) { X = on ? 1 : 2; }", "1")]
    [InlineData("public int X; static T Checked<T>(T value) { if (value is null) { throw new ArgumentNullException(); } return value; } public Session(int most = 3) { X = Checked(most); }", "3")]
    [InlineData("public int X; public Session(object a, object b, object c, object d, object e, object f) { if (a == null) { throw new Exception(); } if (b == null) { throw new Exception(); } if (c == null) { throw new Exception(); } if (d == null) { throw new Exception(); } if (e == null) { throw new Exception(); } if (f == null) { throw new Exception(); } X = 7; }", "7")]
    public void What_constructors_say_of_a_new_member_is_read(string code, string expected) => Assert.Equal(
        expected,
        (Assert.Single(Change("class Session;", $"class Session {{ {code} }}").Added).Value as DeclaredValue.Constant)?.Value?.ToString());

    [Theory]
    [InlineData("public DateTime X = DateTime.Now;", "DateTime.get_Now is called")]
    [InlineData("public Guid X = Guid.NewGuid();", "Guid.NewGuid is called")]
    [InlineData("public int X; public Session() { X = 1; } public Session(string a) { X = 2; }", "its constructors set it to different values")]
    [InlineData("static int s_made; public int X = ++s_made;", "Session.s_made may have changed")]
    public void What_only_running_a_constructor_would_tell_is_refused(string code, string why) => Assert.StartsWith(
        $"Session.X is new, and only running its constructor would tell its value, as {why}.",
        Refusal("class Session;", $"class Session {{ {code} }}"));

    [Theory]
    [InlineData("int", "long")]
    [InlineData("int", "int?")]
    [InlineData("int", "long?")]
    [InlineData("string", "object")]
    [InlineData("List<int>", "List<long>")]
    [InlineData("Dictionary<Color, Other[]>", "Dictionary<Color, Other[]>")]
    [InlineData("(Other, int)", "(Other, long)")]
    [InlineData("Func<Other, int>", "Func<Other, int>")]
    [InlineData("IReadOnlyList<Other>", "IReadOnlyList<Other>")]
    public void What_fits_passes(string old, string now) => Assert.Empty(Change(With(old), With(now)).Refusals);

    [Fact]
    public void A_member_that_moves_to_a_base_type_stays_itself()
    {
        var change = Change("class Session { public int Age; }", "class Person { public int Age; } class Session : Person;");

        Assert.Equal("Person", Assert.Single(change.Kept).To.DeclaredIn);
        Assert.Empty(change.Dropped);
    }

    [Fact]
    public void A_type_that_derives_from_a_collection_is_taken_over_as_one() =>
        Assert.Empty(Change("class Session : List<int>;", "class Session : List<int>;").Refusals);

    [Fact]
    public void A_type_that_derives_from_a_collection_which_only_its_own_code_can_fill_is_refused() => Assert.Equal(
        "Session derives from LinkedList<int>, whose internals cannot be copied. Hold a LinkedList<int> in a member instead.",
        Refusal("class Session : LinkedList<int>;", "class Session : LinkedList<int>;"));

    [Fact]
    public void Names_of_an_enum_that_are_gone_are_told() =>
        Assert.Equal("B", Assert.Single(Change("enum Session { A, B }", "enum Session { A, C, D }").NamesGone));

    private static string With(string type) => $"enum Color {{ Red }} record Other(int Y); class Session {{ public {type} X = default!; }}";
}
