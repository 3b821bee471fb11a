using System.Buffers.Binary;
using Midflight.Fuzz;
using Midflight.Host.Tests.Conversions;
using Midflight.Releases;

namespace Midflight.Host.Tests.WireForms;

/// <summary>Whatever is given to a reader, it reads it or refuses it, makes no type that its application does not know, and the process lives.</summary>
public sealed class WireInputTests
{
    private const string Old = """
        public enum Mood { Calm = 1, Busy = 2 }
        public readonly record struct Point(int X, int Y);
        public class Node<T> { public T? Value; public Node<T>? Next; }
        public record S(string Name, Point At, Point? Maybe, Mood Mood, Node<Point> Nodes, Dictionary<string, List<object>> Map, int[] Numbers, ImmutableArray<string> Words, Memory<byte> Bytes, SortedSet<int> Sorted, (int A, string B) Pair, Lazy<int> Lazy) { public object? Self; public int[,] Grid = new int[2, 2]; }
        """;

    private const string Make = """
        Of(); static S Of()
        {
            var s = new S("name", new(1, 2), new(3, 4), Mood.Busy, new() { Value = new(5, 6), Next = new() }, new() { ["k"] = [1, "two", Guid.Empty, new Point(1, 1)] }, [1, 2, 3], ["a", "b"], new byte[] { 1, 2, 3 }.AsMemory(1, 1), [3, 1, 2], (1, "b"), new(7));
            s.Self = s;
            return s;
        }
        """;

    private static readonly string[] s_values = ["\u0001\u0000", "\u0004\u000fSystem.IO.File\u0000", "\u0001\u007f", "\u0000\u0000\u0000", "\u0080\u0080\u0080\u0008", "+", "`1", "\u0003\u0002", "System.Object"];

    [Theory]
    [InlineData("System.IO.FileInfo")]
    [InlineData("System.Diagnostics.Process")]
    [InlineData("System.Threading.Thread")]
    [InlineData("System.Reflection.Assembly")]
    [InlineData("System.Runtime.InteropServices.GCHandle")]
    [InlineData("System.Action")]
    [InlineData("System.Threading.Tasks.ValueTask")]
    [InlineData("System.Span`1", 1)]
    [InlineData("System.Buffers.ReadOnlySequence`1", 1)]
    [InlineData("Midflight.Host.WireReader")]
    [InlineData("No.Such.Type")]
    public void No_type_is_made_because_the_input_names_it(string name, int arguments = 0)
    {
        var type = new WireType.Shared(name, [.. Enumerable.Repeat<WireType>(new WireType.Leaf(WireLeaf.Find(typeof(int))!), arguments)]);

        Assert.ThrowsAny<Exception>(() => WireForm.Read(File([], [type], [2, 0, 0, 0]), null, typeof(object)) ?? throw new WireDamagedException("null"));
        Assert.True(Failure(() => WireForm.Read(File([], [type], [2, 0, 0, 0]), null, typeof(object))) is WireDamagedException or ConversionRefusedException or null);
    }

    [Fact]
    public void A_resource_that_the_input_names_is_null()
    {
        var stream = new WireType.Shared("System.IO.FileStream", []);

        Assert.Null(WireForm.Read(File([], [stream], [2, 0, 0]), null, typeof(object)));
    }

    public static TheoryData<string> Bombs => [.. s_bombs.Keys];

    private static readonly Dictionary<string, WireShape[]> s_bombs = new()
    {
        ["a struct in itself"] = [Shape("A", ShapeKind.Struct, ("f", Hot(0)))],
        ["two structs in each other"] = [Shape("A", ShapeKind.Struct, ("f", Hot(1))), Shape("B", ShapeKind.Struct, ("f", Hot(0)))],
        ["structs that double"] = [.. Enumerable.Range(0, 40).Select(at => Shape($"A{at}", ShapeKind.Struct, [.. Enumerable.Range(0, 2).Select(copy => ($"f{copy}", at == 39 ? (WireType)Leaf<long>() : Hot(at + 1)))]))],
        ["a class that derives from itself"] = [Shape("A", ShapeKind.Class) with { Parent = Hot(0) }],
        ["a class that derives from a string"] = [Shape("A", ShapeKind.Class) with { Parent = Leaf<string>() }],
        ["a class that derives from a delegate"] = [Shape("A", ShapeKind.Class) with { Parent = new WireType.Shared("System.MulticastDelegate", []) }],
        ["a class that derives from a stream"] = [Shape("A", ShapeKind.Class) with { Parent = new WireType.Shared("System.IO.Stream", []) }],
        ["a generic parent without end"] = [Shape("A`1", ShapeKind.Class) with { Parameters = 1, Parent = Hot(0, Hot(0, new WireType.Parameter(0))) }],
        ["a generic struct without end"] = [Shape("A`1", ShapeKind.Struct, ("f", Hot(0, new WireType.Array(new WireType.Parameter(0), 0)))) with { Parameters = 1 }],
        ["an enum of text"] = [Shape("A", ShapeKind.Enum) with { Underlying = Leaf<string>() }],
        ["two of one name"] = [Shape("A", ShapeKind.Class), Shape("A", ShapeKind.Class)],
        ["two members of one name"] = [Shape("A", ShapeKind.Class, ("f", Leaf<int>()), ("f", Leaf<int>()))],
        ["a span in a class"] = [Shape("A", ShapeKind.Class, ("f", new WireType.Shared("System.Span`1", [Leaf<int>()])))],
        ["nested in what it derives from"] = [Shape("A+B", ShapeKind.Class) with { Parent = Hot(1) }, Shape("A", ShapeKind.Class) with { Parent = Hot(0) }],
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void Shapes_that_no_program_can_have_are_refused(string bomb)
    {
        var versions = Versions.Of("public class A { }", "null", "public class A { }", "object it => it");
        var shapes = s_bombs[bomb];
        var type = Hot(0, [.. Enumerable.Repeat<WireType>(Leaf<int>(), shapes[0].Parameters)]);

        var failure = Failure(() => WireForm.Read(File(shapes, [type], [2, .. new byte[64]]), versions.Now, typeof(object)));

        Assert.True(failure is WireDamagedException or ConversionRefusedException, $"{failure}");
    }

    [Fact]
    public void A_class_whose_members_have_ever_more_type_arguments_is_read_as_any_other()
    {
        const string Code = "public sealed class Box<T> { public T? V; public Box<Box<T>>? Up; public Box<(T, T)>? Two;";
        var versions = Versions.Of(Code + "}", "new Box<int> { V = 1, Up = new() { V = new() { V = 2 } } }", Code + " public int More = 3; }", "Box<int> it => $\"{it.V} {it.Up!.V!.V} {it.More}\"");
        var show = versions.Now.FindType("T")!.GetMethod("Show")!;

        Assert.Equal("1 2 3", show.Invoke(null, [WireForm.Read(WireForm.Write(versions.Make()), versions.Now, show.GetParameters()[0].ParameterType)]));
    }

    [Fact]
    public void What_counts_more_than_there_is_asks_for_no_memory()
    {
        var list = new WireType.Shared("System.Collections.Generic.List`1", [Leaf<int>()]);
        byte[] many = [0xff, 0xff, 0xff, 0xff, 0x07];
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.IsType<WireDamagedException>(Failure(() => WireForm.Read(File([], [list], [2, .. many]), null, typeof(object))));
        Assert.IsType<WireDamagedException>(Failure(() => WireForm.Read(File([], [new WireType.Array(Leaf<long>(), 0)], [2, .. many]), null, typeof(object))));
        Assert.IsType<WireDamagedException>(Failure(() => WireForm.Read(File([], [new WireType.Array(Leaf<long>(), 3)], [2, .. many, 0, .. many, 0, .. many, 0]), null, typeof(object))));
        Assert.IsType<WireDamagedException>(Failure(() => WireForm.Read(File([], [Leaf<string>()], [2, .. many]), null, typeof(object))));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    [Fact]
    public void A_version_of_the_wire_form_that_is_not_known_is_named()
    {
        var bytes = WireForm.Write(1);
        bytes[6] = 9;

        Assert.Contains("version 9 of the wire form, and this Midflight reads version 1", Failure(() => WireForm.Read(bytes, null, typeof(object)))!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mutated_values_are_read_or_refused() => Survive(1_500);

    [Fact]
    [Trait("Category", "Soak")]
    public void A_million_mutated_values_are_read_or_refused() => Survive(Mutant.Many);

    private static void Survive(int count)
    {
        var versions = Versions.Of(Old, Make, Old.Replace("record S(string Name,", "record S(string Name, long More,", StringComparison.Ordinal), "S it => it", release: "0.1.0");
        var bytes = WireForm.Write(versions.Make());

        for (var number = 0; number < count; number++)
        {
            var input = Mutant.Of(bytes, Mutant.Chance(number), s_values);

            // In the version that wrote it, and in one to which it is converted.
            foreach (var version in new[] { versions.Old, versions.Now })
            {
                if (Failure(() => WireForm.Read(input, version, version.FindType("S")!)) is { } failure and not (WireDamagedException or ConversionRefusedException))
                {
                    Assert.Fail($"{Mutant.Name(number)} in {version}: {failure}");
                }
            }
        }
    }

    private static Exception? Failure(Func<object?> read)
    {
        try
        {
            read();
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    private static WireType.Leaf Leaf<T>() => new(WireLeaf.Find(typeof(T))!);

    private static WireType.Hot Hot(int shape, params WireType[] arguments) => new(shape, [.. arguments]);

    private static WireShape Shape(string name, ShapeKind kind, params (string Name, WireType Type)[] members) =>
        new("app", "9", "App", name, kind) { Members = [.. members.Select(member => new WireMember(member.Name, member.Type))] };

    // What somebody else might write.
    private static byte[] File(WireShape[] shapes, WireType[] types, byte[] value)
    {
        var description = new WireOutput();
        description.Number((ulong)shapes.Length);
        Array.ForEach(shapes, shape => shape.Write(description));
        description.Number((ulong)types.Length);
        Array.ForEach(types, type => type.Write(description));
        return [.. WireFormat.Magic, WireFormat.Version, .. Frame(WireFormat.Types, description.Written.ToArray()), .. Frame(WireFormat.Value, value)];
    }

    private static byte[] Frame(byte kind, byte[] content)
    {
        var head = new byte[5];
        BinaryPrimitives.WriteInt32LittleEndian(head, content.Length);
        head[4] = kind;
        return [.. head, .. content];
    }
}
