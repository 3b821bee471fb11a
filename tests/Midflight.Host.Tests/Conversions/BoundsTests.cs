using static Midflight.Host.Tests.Conversions.Versions;

namespace Midflight.Host.Tests.Conversions;

/// <summary>No value ends the node, however deep or strange; and no code that may have to be undone sees what the old state holds.</summary>
public sealed class BoundsTests
{
    [Fact]
    public void An_exception_that_leads_back_to_itself_is_taken_over() => Assert.Equal(
        "4 True",
        Cross(
            "public sealed class MyEx : Exception { public int Code; } public sealed class S { public MyEx? Last; }",
            "Mk(); static object Mk() { var s = new S { Last = new MyEx { Code = 4 } }; s.Last.Data[\"owner\"] = s; return s; }",
            "S it => $\"{it.Last!.Code} {ReferenceEquals(it.Last.Data[\"owner\"], it)}\""));

    [Fact]
    public void A_chain_of_thirty_thousand_exceptions_is_taken_over() => Assert.Equal(
        30_000,
        Cross(
            "public class MyEx(Exception? inner) : Exception(\"\", inner);",
            "Mk(); static object Mk() { Exception? e = null; for (var i = 0; i < 30_000; i++) { e = i == 0 ? new MyEx(null) : new InvalidOperationException(\"\", e); } return e!; }",
            "Exception it => Count(it); static object Count(Exception? e) { var n = 0; for (; e is not null; e = e.InnerException) { n++; } return n; }"));

    [Fact]
    public void What_a_written_conversion_does_to_what_it_gets_does_not_reach_the_old_state()
    {
        var versions = Of(
            "public class S { public List<string> L = [\"a\"]; public static List<string> Kept = []; } ",
            "new S()",
            "public class S { public List<string> L = []; public int N; [Midflight.Shape(\"0.1\")] public sealed record V1(List<string> L); [Midflight.Convert] static S From(V1 old) { old.L.Add(\"b\"); return new() { L = old.L, N = old.L.Count }; } }",
            "S it => it.N");
        var old = versions.Make()!;
        var now = versions.Up.Convert(old, versions.Now.FindType("S")!)!;

        Assert.Equal(["a"], (List<string>)old.GetType().GetField("L")!.GetValue(old)!);
        Assert.Equal(["a", "b"], (List<string>)now.GetType().GetField("L")!.GetValue(now)!);
    }

    [Fact]
    public void Copies_are_made_of_all_that_can_change_where_they_are_asked_for()
    {
        var versions = Of("public class S { public List<string> L = [\"a\"]; public int[] A = [1]; public string T = \"t\"; }", "new S()", "public class S { public List<string> L = []; public int[] A = []; public string T = \"\"; }", "S it => it.T");
        var old = versions.Make()!;
        var now = versions.Up.Convert(old, versions.Now.FindType("S")!, copies: true)!;
        var shared = versions.Up.Convert(old, versions.Now.FindType("S")!)!;

        Assert.NotSame(Field(old, "L"), Field(now, "L"));
        Assert.NotSame(Field(old, "A"), Field(now, "A"));
        Assert.Same(Field(old, "T"), Field(now, "T"));
        Assert.Same(Field(old, "L"), Field(shared, "L"));
    }

    [Fact]
    public void A_timer_that_calls_an_old_object_is_refused() => Assert.Contains(
        "calls into the old version",
        Refusal(
            "public class S { public Timer T; public int N; public S() { T = new(_ => N++, null, Timeout.Infinite, Timeout.Infinite); } }",
            "new S()",
            "public class S { public Timer T; public int N; public S() { T = new(_ => N++, null, Timeout.Infinite, Timeout.Infinite); } }"),
        StringComparison.Ordinal);

    [Fact]
    public void A_loop_that_never_ends_in_a_written_conversion_is_left_behind() => Assert.Contains(
        "did not return within",
        Refusal(
            "public class S { public int N; }",
            "new S()",
            "public class S { public long N; public int More; [Midflight.Shape(\"0.1\")] public sealed record V1(int N); [Midflight.Convert] static S From(V1 old) { new ManualResetEvent(false).WaitOne(); return new(); } }"),
        StringComparison.Ordinal);

    private static object? Field(object of, string name) => of.GetType().GetField(name)!.GetValue(of);
}
