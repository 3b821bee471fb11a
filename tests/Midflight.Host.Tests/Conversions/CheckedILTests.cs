using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using static Midflight.Host.Tests.Conversions.Versions;

namespace Midflight.Host.Tests.Conversions;

/// <summary>What the code of a conversion does to memory: nothing that its types do not allow.</summary>
public sealed class CheckedILTests
{
    private const string Session = "public class Session { public int N = 7; public string S = \"a\"; }";

    private sealed class Own
    {
        internal string Text = "";
        internal int Number = 1;
    }

    private sealed class Other
    {
        internal string Text = "";
    }

    [Fact]
    public void An_object_of_another_type_is_not_stored()
    {
        var il = Method();
        var local = il.Declare(typeof(Own));
        il.Argument(0, typeof(object));

        Assert.Contains("System.Object where a", Assert.Throws<InvalidOperationException>(() => il.Store(local)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_is_neither_read_from_nor_written_to_an_object_that_does_not_have_it()
    {
        var (own, other) = (typeof(Own).GetField("Text", Instance)!, typeof(Other).GetField("Text", Instance)!);
        var il = Method();
        var local = il.Declare(typeof(Own));
        il.Load(local);
        Assert.Throws<InvalidOperationException>(() => il.Load(other));

        il.Load(local);
        il.Load(local);
        il.Load(own);
        Assert.Throws<InvalidOperationException>(() => il.Store(other));
    }

    [Fact]
    public void A_number_is_not_taken_for_an_object_nor_an_object_for_a_number()
    {
        var il = Method();
        var local = il.Declare(typeof(Own));
        il.Load(local);
        il.Load(local);
        il.Load(typeof(Own).GetField("Number", Instance)!);
        Assert.Throws<InvalidOperationException>(() => il.Store(typeof(Own).GetField("Text", Instance)!));

        il.Load(local);
        Assert.Throws<InvalidOperationException>(() => il.Box(typeof(int)));
    }

    [Fact]
    public void Two_ways_that_meet_have_the_same_on_the_stack()
    {
        var il = Method();
        var label = il.Label();
        il.Argument(0, typeof(object));
        il.IfNull(label);
        il.Argument(0, typeof(object));

        Assert.Throws<InvalidOperationException>(() => il.Mark(label));
    }

    [Fact]
    public void A_converter_refuses_a_value_of_a_namesake_instead_of_reading_it_by_foreign_offsets()
    {
        var versions = Of(Session, "new Session()", Session, "Session it => it.N");
        var (old, now) = (versions.Old.FindType("Session")!, versions.Now.FindType("Session")!);
        var convert = ShapeCompiler.Compile(new(old, now, [new("N", old.GetField("N")!, now.GetField("N")!, PassConverter.Instance)]));
        var crossing = new Crossing(new(versions.Now), new object(), tracks: false);

        Assert.Same(now, convert(versions.Make()!, crossing).GetType());
        Assert.Throws<InvalidCastException>(() => convert(Of(Session, "new Session()", Session, "Session it => it.N").Make()!, crossing));
        Assert.Throws<InvalidCastException>(() => convert("text", crossing));
    }

    [Fact]
    public void The_code_of_a_converter_keeps_both_versions_in_memory_and_lets_go_of_them_with_itself()
    {
        var (old, now, held) = Compiled();
        Collect(old);
        Collect(now);
        Assert.True(old.IsAlive && now.IsAlive, "A version went while code for it was held.");

        GC.KeepAlive(held[0]);
        held[0] = null;
        Collect(old);
        Collect(now);
        Assert.False(old.IsAlive || now.IsAlive, "A version stays.");
    }

    [Theory]
    [InlineData("public record struct Session(string User, int N);", "public record Session(string User, int N);")]
    [InlineData("public record Session(string User, int N);", "public record struct Session(string User, int N);")]
    [InlineData("public record Session(string User, int N);", "public class Session { public string User; public int N; public int M = 3; public Session(in int N, string User, in decimal Q = 1) { this.N = N; this.User = User; } }")]
    public void A_class_a_struct_and_an_argument_by_reference_are_read_as_what_they_are(string old, string now)
    {
        var versions = Of(old, "new Session(\"ann\", 7)", now, "Session it => it.User + it.N");

        // Refused is right too; a wrong value, or memory that is not its own, never is.
        if (Record.Exception(() => Assert.Equal("ann7", versions.Cross())) is { } exception)
        {
            Assert.IsType<ConversionRefusedException>(exception);
        }
    }

    [Theory]
    [InlineData("System.ComponentModel.CancelEventArgs")]
    [InlineData("System.Exception")]
    public void A_new_ancestor_with_fields_that_the_old_value_does_not_have_is_refused(string ancestor)
    {
        Assert.Contains("derives from", Refusal(Session, "new Session()", Session.Replace("Session ", $"Session : {ancestor} ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    private const System.Reflection.BindingFlags Instance = System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic;

    private static CheckedIL Method() => new(new DynamicMethod("test", typeof(object), [typeof(object)]).GetILGenerator());

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference Old, WeakReference Now, object?[] Held) Compiled()
    {
        var versions = Of("public class Session;", "new Session()", "public class Session;", "Session it => it");
        var (old, now) = (versions.Old.FindType("Session")!, versions.Now.FindType("Session")!);
        return (Unloading(old), Unloading(now), [ShapeCompiler.Compile(new(old, now, []))]);
    }

    private static WeakReference Unloading(Type type)
    {
        var context = AssemblyLoadContext.GetLoadContext(type.Assembly)!;
        context.Unload();
        return new(context);
    }

    private static void Collect(WeakReference reference)
    {
        for (var i = 0; i < 20 && reference.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
