using static Midflight.Host.Tests.Conversions.Versions;

namespace Midflight.Host.Tests.Conversions;

/// <summary>Code that is held as a value.</summary>
public sealed class DelegateTests
{
    private const string Session = "public class Session { public Func<int, string>? On; public object? Any; public static string Named(int n) => \"OLD\" + n; public string Mine(int n) => Name + n; public string Name = \"me\"; }";

    private static readonly string s_now = Session.Replace("OLD", "new", StringComparison.Ordinal);

    [Fact]
    public void A_delegate_to_a_named_method_is_bound_to_the_new_one() =>
        Assert.Equal("new1", Cross(Session, "new Session { On = Session.Named }", s_now, "Session it => it.On!(1)"));

    [Fact]
    public void A_delegate_to_an_instance_method_keeps_its_instance() => Assert.Equal(
        "you2 True",
        Cross(Session, "F() is var s ? s : null; static Session F() { var s = new Session { Name = \"you\" }; s.On = s.Mine; return s; }", s_now, "Session it => it.On!(2) + \" \" + (it.On.Target == it)"));

    [Theory]
    [InlineData("new Session { On = n => \"x\" }", "Session.On: delegate holds a lambda of T.Make, which has no name to find it by in the new version. Use a named method instead.")]
    [InlineData("F(4); static Session F(int k) { return new Session { On = n => \"x\" + k }; }", "Session.On: delegate holds a lambda of T.F, which has no name to find it by in the new version. Use a named method instead.")]
    [InlineData("new Session { Any = F() }; static async Task<int> F() { await new TaskCompletionSource().Task; return 1; }", "Session.Any: Task is a task of T.F, which will end in the old version. Await it before the code changes, or hold its result.")]
    [InlineData("new Session { Any = F() }; static IEnumerable<int> F() { yield return 1; }", "Session.Any: T.F is an iterator that has not ended. Hold a list of its elements instead.")]
    [InlineData("new Session { Any = new Thread(() => { }) }", "Session.Any: Thread is a thread, whose code cannot change while it runs. Run a process instead.")]
    public void What_is_bound_to_old_code_is_refused_with_its_path(string make, string expected) =>
        Assert.Equal(expected, Refusal(Session, make, s_now));

    [Fact]
    public void A_method_that_is_gone_is_refused() => Assert.Equal(
        "Session.On: Session.Named is gone from the new version or has other parameters, but a delegate to it is still in use. Keep the method.",
        Refusal(Session, "new Session { On = Session.Named }", s_now.Replace("Named", "Renamed", StringComparison.Ordinal)));

    [Fact]
    public void A_type_that_is_held_becomes_its_namesake() => Assert.Equal(
        true, Cross("public class Session { public Type A = typeof(Session); public Type B = typeof(List<Session>); }", "new Session()", "Session it => it.A == typeof(Session) && it.B == typeof(List<Session>)"));
}
