using Midflight.Releases.Plans;

namespace Midflight.Releases.Tests.Plans;

public sealed class UpgradePlannerTests
{
    private static UpgradePlan Plan(string old, string now) =>
        UpgradePlanner.Plan(Builds.Release("1.0", old), Builds.Release("2.0", now));

    private static IEnumerable<string> Changes(UpgradePlan plan) =>
        plan.Changes.Select(change => $"{change.Change} {change.Name ?? change.Application}: {change.Reason}");

    [Fact]
    public void Each_change_has_its_reason()
    {
        var plan = Plan(
            "public class A : GenServer<int> { public int F() => 1; } public class B : GenServer<int> { public int F() => C.G(); } static class C { public static int G() => 1; } public static class D;",
            "public class A : GenServer<int> { public int F() => 2; } public class B : GenServer<int> { public int F() => C.G(); } static class C { public static int G() => 2; } public static class E;");

        Assert.Equal(
            ["Add E: ", "Delete D: ", "Flow A: its code has changed", "Flow B: code that it uses has changed"],
            Changes(plan));
        Assert.Equal(Verdict.Hot, plan.Verdict);
    }

    [Fact]
    public void A_type_that_converts_by_shape_is_told()
    {
        var plan = Plan(
            "public record S(int N); public class A : GenServer<S>;",
            "public record S(int N, string? Note = null); public class A : GenServer<S>;");

        Assert.Equal(Verdict.HotWithConversion, plan.Verdict);
        Assert.Contains("ConvertByShape S: its members have changed, and their names and defaults tell the way", Changes(plan));
    }

    [Fact]
    public void A_type_that_cannot_convert_has_the_member_in_its_reason_and_the_line_in_the_problem()
    {
        var plan = Plan(
            "public record S(int N); public class A : GenServer<S>;",
            "public record S(string N); public class A : GenServer<S>;");

        Assert.Equal(Verdict.RestartNeeded, plan.Verdict);
        Assert.Equal(["point_of_no_return", "restart_emulator"], Assert.Single(plan.Relup!.Up).Instructions.Select(instruction => instruction.ToString().Trim('"')));
        Assert.Contains("S.N", plan.Changes.Single(change => change.Change == ChangeKind.Restart).Reason, StringComparison.Ordinal);
        Assert.Contains(plan.Problems, problem => problem.StartsWith("the state of A cannot be converted: S.N ", StringComparison.Ordinal));
    }

    [Fact]
    public void What_metadata_cannot_prove_is_told_apart()
    {
        var plan = Plan(
            "public record S(object Any); public class A : GenServer<S>;",
            "public record S(object Any, int N = 0); public class A : GenServer<S>;");

        Assert.EndsWith("only the rehearsal on the live state can tell.", Assert.Single(plan.Unproven), StringComparison.Ordinal);
        Assert.Subset(plan.Notes.ToHashSet(), plan.Unproven.ToHashSet());
    }

    [Fact]
    public void New_code_under_an_old_version_is_refused()
    {
        var plan = UpgradePlanner.Plan(Builds.Release("1.0", "public static class A;"), Builds.Release("1.0", "public static class B;"));

        Assert.Equal("app has changed (B, A) but is still version 1.0. Give it a new version in its project.", string.Join('\n', plan.Problems));
    }

    [Fact]
    public void Another_runtime_needs_a_restart_first_going_up_and_last_going_down_and_the_rest_is_hot()
    {
        var (old, now) = (Builds.Release("1.0", "public static class A { public static int F() => 1; }"), Builds.Release("2.0", "public static class A { public static int F() => 2; }"));

        foreach (var newer in new[] { now with { Midflight = "2" }, now with { Spec = now.Spec with { Runtime = "11.0" } } })
        {
            var plan = UpgradePlanner.Plan(old, newer);
            Assert.Equal(Verdict.RestartNeeded, plan.Verdict);
            Assert.Single(plan.Problems);
            var (up, down) = (Assert.Single(plan.Relup!.Up).Instructions, Assert.Single(plan.Relup.Down).Instructions);
            Assert.IsType<LowLevel.RestartNewEmulator>(up[0]);
            Assert.Single(up.OfType<LowLevel.Load>());
            Assert.DoesNotContain(up, instruction => instruction is LowLevel.RestartEmulator);
            Assert.IsType<LowLevel.RestartEmulator>(down[^1]);
            Assert.DoesNotContain(down, instruction => instruction is LowLevel.RestartNewEmulator);
        }
    }

    [Fact]
    public void States_of_processes_that_begin_anew_are_not_converted()
    {
        const string Restarts = "{ 'version': '2.0', 'up': [{ 'from': '1.0', 'instructions': [HOW] }], 'down': [{ 'from': '1.0', 'instructions': [HOW] }] }";

        foreach (var how in new[] { "{ 'restart_application': 'app' }", "{ 'stop': ['A'] }, { 'load_module': 'A' }, { 'start': ['A'] }" })
        {
            var plan = UpgradePlanner.Plan(
                Builds.Release("1.0", "public record S(int N); public class A : GenServer<S>;"),
                Builds.Release("2.0", "public record S(string N); public class A : GenServer<S> { public int F() => 2; }", Restarts.Replace("HOW", how, StringComparison.Ordinal)));
            Assert.Empty(plan.Problems);
        }
    }

    [Fact]
    public void What_the_code_uses_is_suspended_later_and_loaded_earlier()
    {
        const string Source = """
            public class A : GenServer<int> { public int F() => Helper.G(); void CodeChange() { } }
            static class Helper { public static int G() => B.G(); }
            public class B : GenServer<int> { public static int G() => N; void CodeChange() { } }
            """;
        var plan = Plan(Source.Replace("N;", "1;", StringComparison.Ordinal), Source.Replace("N;", "2;", StringComparison.Ordinal));

        Assert.Equal(
            [
                "{\"update\":\"A\",\"change\":{\"advanced\":[]},\"depends_on\":[\"B\"]}",
                "{\"update\":\"B\",\"change\":{\"advanced\":[]}}",
            ],
            plan.Appups["app"].Up.Single().Instructions.Select(instruction => instruction.ToString()));
        Assert.Equal(
            ["{\"suspend\":[\"A\",\"B\"]}", "{\"load\":\"B\"}", "{\"load\":\"A\"}"],
            plan.Relup!.Up.Single().Instructions.SkipWhile(step => step is not LowLevel.Suspend).Take(3).Select(step => step.ToString()));
    }

    private const string Servers = """
        public class Store : GenServer<int> { record Added(int N); public static object Add() => new Added(1); }
        public class User : GenServer<int> { public object F() => Store.Add(); }
        public class Client : GenServer<int> { public object F() => new User().F(); }
        public class Other : GenServer<int> { public int F() => 1; }
        """;

    [Fact]
    public void Servers_whose_states_convert_flow()
    {
        var plan = Plan(Servers, Servers.Replace("new Added(1)", "new Added(2)", StringComparison.Ordinal).Replace("F() => 1", "F() => 2", StringComparison.Ordinal));

        Assert.Equal(
            ["Flow Client: code that it uses has changed", "Flow Other: its code has changed", "Flow Store: its code has changed", "Flow User: code that it uses has changed"],
            Changes(plan));
        Assert.DoesNotContain(plan.Relup!.Up.Single().Instructions, step => step is LowLevel.Suspend);
    }

    [Fact]
    public void A_message_that_the_other_release_does_not_understand_lets_those_stand_still_who_may_send_it()
    {
        var plan = Plan(Servers, Servers.Replace("Added(", "Increment(", StringComparison.Ordinal).Replace("F() => 1", "F() => 2", StringComparison.Ordinal));

        Assert.Equal(
            [
                "Update Client: code that it uses has changed; together, as it uses User, and it uses Store, and a Store.Added may be in a mailbox, and the other release does not understand it",
                "Flow Other: its code has changed",
                "Update Store: its code has changed; together, as a Store.Added may be in a mailbox, and the other release does not understand it",
                "Update User: code that it uses has changed; together, as it uses Store, and a Store.Added may be in a mailbox, and the other release does not understand it",
            ],
            Changes(plan));
        Assert.Equal(
            ["{\"suspend\":[\"Client\",\"User\",\"Store\"]}"],
            plan.Relup!.Up.Single().Instructions.Where(step => step is LowLevel.Suspend).Select(step => step.ToString()));
        Assert.Single(plan.Relup.Down.Single().Instructions, step => step is LowLevel.Suspend);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Those_of_an_application_stand_still_together_where_either_of_its_versions_says_so(bool old, bool now)
    {
        var plan = UpgradePlanner.Plan(Said("1.0", old), Said("2.0", now));
        Assert.Equal(3, plan.Relup!.Up.Single().Instructions.OfType<LowLevel.Suspend>().Sum(step => step.Modules.Length));
        Assert.All(Changes(plan), change => Assert.EndsWith("together, as its project says so with <MidflightTogether>", change, StringComparison.Ordinal));

        static ReleaseImage Said(string version, bool together)
        {
            var release = Builds.Release(version, version == "1.0" ? Servers : Servers.Replace("new Added(1)", "new Added(2)", StringComparison.Ordinal));
            var application = release.Applications.Single();
            return new(release.Spec, [new ApplicationCode(application.Spec with { Together = together }, application.Assemblies)]);
        }
    }

    [Fact]
    public void All_stand_still_together_where_that_is_asked_for() => Assert.Equal(
        3,
        UpgradePlanner.Plan(Builds.Release("1.0", Servers), Builds.Release("2.0", Servers.Replace("new Added(1)", "new Added(2)", StringComparison.Ordinal)), together: true)
            .Relup!.Up.Single().Instructions.OfType<LowLevel.Suspend>().Sum(step => step.Modules.Length));
}
