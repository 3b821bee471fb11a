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
            ["Add E: ", "Delete D: ", "Update A: its code has changed", "Update B: code that it uses has changed"],
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
        Assert.Null(plan.Relup);
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

        Assert.Equal("app has changed (B, A) and is still version 1.0. Give it a new version in its project.", string.Join('\n', plan.Problems));
    }
}
