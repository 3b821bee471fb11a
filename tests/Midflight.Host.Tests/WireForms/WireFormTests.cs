using Midflight.Host.Tests.Conversions;

namespace Midflight.Host.Tests.WireForms;

/// <summary>Values that leave a process as bytes, and come back in whatever version.</summary>
public sealed class WireFormTests
{
    private const string Types = """
        public enum Mood { Calm = 1, Busy = 2 }
        public readonly record struct Point(int X, int Y);
        public abstract class Shape { public string Name = ""; }
        public sealed class Circle : Shape { public double Radius; public Point? At; }
        public sealed class Room { public string Title = ""; public Dictionary<string, Room> Doors = new(StringComparer.OrdinalIgnoreCase); public List<object?> Things = []; public Room? Up; public Mood Mood; public Shape[] Shapes = []; public ImmutableDictionary<Point, int> Heights = ImmutableDictionary<Point, int>.Empty; }
        """;

    private const string Make = """
        Rooms(); static Room Rooms()
        {
            var hall = new Room { Title = "hall \ud83d\ude00 \ud83d", Mood = Mood.Busy };
            var attic = new Room { Title = "attic", Up = hall, Shapes = [new Circle { Name = "o", Radius = 1.5, At = new(1, 2) }, new Circle()] };
            hall.Doors["Attic"] = attic; hall.Up = hall; hall.Things = [1, "two", 3.0m, null, attic, new int[] { 1, 2, 3 }, Mood.Calm, new Point(7, 8), (1, "x")];
            hall.Heights = hall.Heights.Add(new(1, 1), 10).Add(new(2, 2), 20);
            return hall;
        }
        """;

    private const string Show = """
        Room it => $"{it.Title.Length} {it.Up == it} {it.Doors["ATTIC"].Up == it} {it.Things[4] == it.Doors["attic"]} {((int[])it.Things[5]!).Length} {it.Things[6]} {it.Things[7]} {it.Things[8]} {((Circle)it.Doors["attic"].Shapes[0]).At} {it.Heights[new(2, 2)]} {it.Mood}"
        """;

    private const string Shown = "9 True True True 3 Calm Point { X = 7, Y = 8 } (1, x) Point { X = 1, Y = 2 } 20 Busy";

    [Theory]
    [InlineData("0.1.0", "")]
    [InlineData("0.2.0", "")]
    [InlineData("0.2.0", "public int More = 7; ")]
    public void Shared_references_and_cycles_are_kept_in_the_same_version_and_into_another(string release, string more)
    {
        var versions = Versions.Of(Types, Make, Types.Replace("public sealed class Room {", $"public sealed class Room {{ {more}", StringComparison.Ordinal), Show, release: release);
        var bytes = WireForm.Write(versions.Make());

        Assert.Equal(Shown, Read(versions, bytes));
    }

    [Fact]
    public void A_renamed_member_a_conversion_written_from_an_earlier_shape_and_a_dropped_enum_name_hold_for_what_is_read_too()
    {
        const string Old = "public enum E { A, B, C } public record Inner(string Text); public record State(Inner It, int Count, E Kind);";
        const string Now = """
            public enum E { C, A }
            public record Inner(int Length)
            {
                [Shape("0.1.0", Name = "Inner")] public record V1(string Text);
                [Convert] public static Inner From(V1 old) => new(old.Text.Length);
            }
            [Renamed("Count", "Number")] public record State(Inner It, int Number, E Kind, string Extra = "new");
            """;

        var versions = Versions.Of(Old, "new State(new(\"four\"), 3, E.C)", Now, "State it => it.ToString()");
        Assert.Equal("State { It = Inner { Length = 4 }, Number = 3, Kind = C, Extra = new }", Read(versions, WireForm.Write(versions.Make())));

        var gone = Versions.Of(Old, "new State(new(\"four\"), 3, E.B)", Now, "State it => it.ToString()");
        Assert.Contains("State.Kind", Assert.Throws<ConversionRefusedException>(() => Read(gone, WireForm.Write(gone.Make()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_compares_with_code_of_the_application_compares_with_that_of_the_version_that_reads()
    {
        const string Code = "public sealed class Backwards : IComparer<string> { public int Compare(string? x, string? y) => string.CompareOrdinal(y, x); } public record Key(string Name) : IComparable<Key> { public int CompareTo(Key? other) => string.CompareOrdinal(Name, other!.Name); public virtual bool Equals(Key? other) => other?.Name == Name; public override int GetHashCode() => 1; }"
            + " public record S(SortedSet<string> Words, SortedDictionary<Key, int> Keys, HashSet<Key> Set) { public int N;";
        var versions = Versions.Of(
            Code + "}", "new S(new(new Backwards()) { \"a\", \"b\" }, new() { [new(\"x\")] = 1, [new(\"y\")] = 2 }, [new(\"k\")])",
            Code + " public int More; }", "S it => $\"{string.Join(',', it.Words)} {it.Words.Add(\"c\")} {it.Words.First()} {it.Keys[new(\"y\")]} {it.Set.Contains(new(\"k\"))}\"");

        Assert.Equal("b,a True c 2 True", Read(versions, WireForm.Write(versions.Make())));
    }

    [Fact]
    public void A_chain_of_two_hundred_thousand_objects_is_written_and_read()
    {
        const string Chain = "public class Link { public int N; public Link? Next; }";
        var versions = Versions.Of(Chain, "Of(); static Link Of() { Link? at = null; for (var i = 0; i < 200_000; i++) { at = new() { N = i, Next = at }; } return at!; }", Chain,
            "Link it => Count(it); static int Count(Link? it) { var n = 0; for (; it is not null; it = it.Next) { n++; } return n; }");

        Assert.Equal(200_000, Read(versions, WireForm.Write(versions.Make())));
    }

    [Theory]
    [InlineData("new S(() => 1)", "S.O: Func<int> is a function, and cannot be written. Hold a name or a number instead, by which the function is found.")]
    [InlineData("new S(new List<object> { new System.Text.RegularExpressions.Regex(\"a\") })", "S.O[0]: Regex is a type of .NET or of a package without a wire form")]
    [InlineData("new S((nint)1)", "S.O: nint is a type of .NET")]
    [InlineData("new S(new Timer(_ => { }))", "S.O: Timer calls into the application, and cannot be written. Let the process send itself a message with Process.SendAfter instead.")]
    public void What_has_no_wire_form_is_refused_with_the_way_to_it_and_what_to_do(string make, string why)
    {
        var versions = Versions.Of("public record S(object O);", make, "public record S(object O);", "S it => it");

        Assert.Contains(why, Assert.Throws<ConversionRefusedException>(() => WireForm.Write(versions.Make())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_of_a_type_that_is_gone_is_refused_and_one_that_is_dropped_goes()
    {
        var gone = Versions.Of("public record Gone(int N); public record S(object O);", "new S(new Gone(1))", "public record S(object O);", "S it => it");
        Assert.Contains("S.O: Gone is gone from the new version", Assert.Throws<ConversionRefusedException>(() => Read(gone, WireForm.Write(gone.Make()))).Message, StringComparison.Ordinal);

        var dropped = Versions.Of("public record Gone(int N); public record S(Gone G, int N);", "new S(new Gone(1), 2)", "[Dropped(\"G\")] public record S(int N);", "S it => it.N");
        Assert.Equal(2, Read(dropped, WireForm.Write(dropped.Make())));
    }

    [Fact]
    public void Secrets_are_left_out_by_attribute_and_by_pattern_however_deep_they_lie()
    {
        const string Code = """
            [Secret] public record Card(string Number, int Code);
            public record Address(string Street);
            public class S { [Secret] public string Password { get; set; } = "pa55"; public string ApiKey = "k3y"; public Card Card = new("4711", 123); public List<Card> Cards = [new("0815", 9)]; [Secret] public List<string> Words = ["w0rd"]; [Secret] public Address Home = new("Main Str33t"); public int? Age = 3; public string Name = "ann"; }
            """;
        var versions = Versions.Of(Code, "new S()", Code, "S it => $\"{it.Password} {it.ApiKey} {it.Card.Number} {it.Card.Code} {it.Cards.Count} {it.Cards[0].Number} {it.Words.Count} {it.Home.Street} {it.Age} {it.Name}\"");
        var bytes = WireForm.Write(versions.Make(), new(["api*", "S.Age"]));

        Assert.Equal("*** *** *** 0 1 *** 0 ***  ann", Read(versions, bytes));
        var text = System.Text.Encoding.UTF8.GetString(bytes);
        Assert.All(["pa55", "k3y", "4711", "0815", "w0rd", "Str33t"], secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
    }

    [Fact]
    public void Values_of_dot_net_alone_need_no_application()
    {
        object?[] values =
        [
            null, true, (byte)255, (sbyte)-1, short.MinValue, ushort.MaxValue, int.MinValue, uint.MaxValue, long.MinValue, ulong.MaxValue, 'ä', 1.5f, double.NaN, (Half)2, -79228162514264337593543950335m,
            Int128.MinValue, UInt128.MaxValue, "", "text", Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromMinutes(-90)),
            TimeSpan.MinValue, DateOnly.MaxValue, TimeOnly.MaxValue, System.Numerics.BigInteger.Parse("-123456789012345678901234567890", System.Globalization.CultureInfo.InvariantCulture), new Version(1, 2, 3),
            new Uri("https://example.org/a?b=ä"), System.Net.IPAddress.Parse("fe80::1%3"), new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 80), ^3, 1..^2, DayOfWeek.Friday, KeyValuePair.Create(1, "x"), (1, (2, "y")),
        ];

        var read = (object?[])WireForm.Read(WireForm.Write(values), null, typeof(object?[]))!;

        Assert.Equal(values, read);
    }

    [Fact]
    public void A_pid_is_written_as_its_number_and_read_as_what_the_reader_has_for_it()
    {
        const string Code = "public record S(Pid P, Dictionary<Pid, int> All, ServerRef Server, TimeProvider Time);";
        var versions = Versions.Of(Code, "new S(default, [], \"name\", TimeProvider.System)", Code, "S it => $\"{it.P} {it.Server} {it.Time is null}\"");

        Assert.Equal("<0> 'name' True", Read(versions, WireForm.Write(versions.Make())));
    }

    private static object? Read(Versions versions, byte[] bytes)
    {
        var show = versions.Now.FindType("T")!.GetMethod("Show")!;
        return show.Invoke(null, [WireForm.Read(bytes, versions.Now, show.GetParameters()[0].ParameterType)]);
    }
}
