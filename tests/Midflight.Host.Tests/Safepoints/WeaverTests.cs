using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis.Emit;
using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>What weaving makes of an assembly.</summary>
public sealed class WeaverTests
{
    /// <summary>Assemblies of ours and of another.</summary>
    public static TheoryData<Type> Assemblies => [typeof(AppupFile), typeof(CodeServer), typeof(Assert), typeof(WeaverTests)];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void A_woven_assembly_compiles_method_for_method(Type within)
    {
        ArgumentNullException.ThrowIfNull(within);
        var bytes = File.ReadAllBytes(within.Assembly.Location);
        var woven = Weaver.Weave(bytes, null).Bytes;
        var context = new AssemblyLoadContext(null, isCollectible: true);
        var assembly = context.LoadFromStream(new MemoryStream(woven));
        var methods = assembly.GetTypes().Where(type => !type.ContainsGenericParameters)
            .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(method => !method.IsAbstract && !method.ContainsGenericParameters && method.GetMethodBody() is not null);

        // A few hundred are enough, and quick.
        foreach (var method in methods.Take(400))
        {
            RuntimeHelpers.PrepareMethod(method.MethodHandle);
        }

        Assert.True(woven.Length > bytes.Length, $"{within.Assembly} was left as it is.");
        context.Unload();
    }

    [Fact]
    public void Names_tokens_and_the_id_of_the_build_stay()
    {
        var bytes = File.ReadAllBytes(typeof(AppupFile).Assembly.Location);
        using var before = new PEReader(new MemoryStream(bytes));
        using var after = new PEReader(new MemoryStream(Weaver.Weave(bytes, null).Bytes));
        var (old, now) = (before.GetMetadataReader(), after.GetMetadataReader());
        Assert.Equal(old.GetGuid(old.GetModuleDefinition().Mvid), now.GetGuid(now.GetModuleDefinition().Mvid));
        Assert.Equal(Names(old), Names(now));

        static IEnumerable<string> Names(MetadataReader reader) =>
            reader.MethodDefinitions.Select(method => reader.GetString(reader.GetMethodDefinition(method).Name));
    }

    [Theory]
    [InlineData(DebugInformationFormat.PortablePdb)]
    [InlineData(DebugInformationFormat.Embedded)]
    public void The_lines_of_a_stack_are_those_of_the_source(DebugInformationFormat format)
    {
        var image = Compile.Assembly("lines", """
            public static class Lines
            {
                public static string Where(int turns)
                {
                    for (var i = 0; i < turns; i++)
                    {
                        try
                        {
                            if (i == turns - 1)
                            {
                                Fail(i);
                            }
                        }
                        catch (InvalidOperationException failure)
                        {
                            return failure.ToString();
                        }
                    }

                    return "";
                }

                private static void Fail(int at)
                {
                    while (at-- > 0)
                    {
                        GC.KeepAlive(at);
                    }

                    throw new InvalidOperationException("here");
                }
            }
            """, format);
        var (bytes, symbols) = Weaver.Weave(image.Bytes, image.Symbols);
        var context = new AssemblyLoadContext(null, isCollectible: true);
        var where = context.LoadFromStream(new MemoryStream(bytes), new MemoryStream(symbols!)).GetType("Lines")!.GetMethod("Where")!;
        var stack = (string)where.Invoke(null, [3])!;
        Assert.Contains("lines.cs:line 30", stack, StringComparison.Ordinal);
        Assert.Contains("lines.cs:line 11", stack, StringComparison.Ordinal);
        context.Unload();
    }

    [Fact]
    public void A_jump_that_becomes_too_long_for_its_short_form_takes_the_long_one()
    {
        // A loop of just under 128 bytes, with loops inside that make it longer.
        var inner = string.Concat(Enumerable.Repeat("while (n > 100) { n--; } ", 12));
        var image = Compile.Assembly("long", $"public static class Long {{ public static int Sum(int n) {{ var sum = 0; while (n > 0) {{ {inner} sum += n--; }} return sum; }} }}");
        var context = new AssemblyLoadContext(null, isCollectible: true);
        var sum = context.LoadFromStream(new MemoryStream(Weaver.Weave(image.Bytes, null).Bytes)).GetType("Long")!.GetMethod("Sum")!;
        Assert.Equal(5050, sum.Invoke(null, [150]));
        context.Unload();
    }

    [Fact]
    public void Names_that_come_to_need_wider_offsets_get_them()
    {
        var missing = 0x10000 - 4 - Strings(Named(0));
        var bytes = Named(missing).Bytes;
        Assert.InRange(Strings(AssemblyImage.Of(bytes)), 0x10000 - 16, 0x10000 - 1);
        var context = new AssemblyLoadContext(null, isCollectible: true);
        var last = context.LoadFromStream(new MemoryStream(Weaver.Weave(bytes, null).Bytes)).GetType("Names")!.GetMethod("Last")!;
        Assert.Equal(3, last.Invoke(null, [0]));
        context.Unload();

        // Methods with long names, and one as long as need be.
        static AssemblyImage Named(int more) => Compile.Assembly("names", $$"""
            public static class Names
            {
                {{string.Concat(Enumerable.Range(0, 150).Select(i => $"public static int M{i:D3}{new string('x', 400)}() => {i};\n"))}}
                {{string.Concat(Enumerable.Range(0, more / 100).Select(i => $"public static int N{i:D3}{new string('y', 95)}() => {i};\n"))}}
                public static int N{{new string('z', Math.Max(1, (more % 100) - 1))}}() => 0;
                public static int Last(int n) { while (n < 3) { n++; } return n; }
            }
            """);

        static int Strings(AssemblyImage image)
        {
            using var file = new PEReader(new MemoryStream(image.Bytes));
            return file.GetMetadataReader().GetHeapSize(HeapIndex.String);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("Microsoft C/C++ MSF 7.00")]
    public async Task Symbols_of_another_format_are_left_out_and_the_code_is_woven(string symbols)
    {
        await using var node = new TestNode();
        await node.Load(Looping(System.Text.Encoding.ASCII.GetBytes(symbols)));
        Assert.Equal(3, Hot.Call(node, "Looping", "Three"));
        Assert.Empty(node.Log.Lines);
    }

    [Fact]
    public async Task Damaged_symbols_leave_the_code_unwoven_and_the_log_says_so()
    {
        await using var node = new TestNode();
        await node.Load(Looping([.. "BSJB"u8, .. new byte[20]]));
        Assert.Equal(3, Hot.Call(node, "Looping", "Three"));
        var line = Assert.Single(node.Log.Lines, line => line.Event.Name == "NotWoven");
        Assert.StartsWith("looping of looping 0.1.0 (#1) is loaded without safepoints: ", line.Message, StringComparison.Ordinal);
    }

    private static ApplicationImage Looping(byte[] symbols)
    {
        const string Source = "public static class Looping { public static int Three() { var n = 0; while (n < 3) { n++; } return n; } }";
        return new("looping", "0.1.0", [AssemblyImage.Of(Compile.Assembly("looping", Source).Bytes, symbols)]);
    }

    [Fact]
    public void What_is_no_assembly_is_left_as_it_is()
    {
        var bytes = new byte[] { 1, 2, 3 };
        Assert.Same(bytes, Weaver.Weave(bytes, null).Bytes);
    }
}
