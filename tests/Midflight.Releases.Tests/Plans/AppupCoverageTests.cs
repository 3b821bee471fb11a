using Midflight.Releases.Plans;

namespace Midflight.Releases.Tests.Plans;

public sealed class AppupCoverageTests
{
    private const string Old = "public class A : GenServer<int> { public int F() => 1; } public class Top : Supervisor { public int F() => 1; } public class Same : GenServer<int>;";
    private const string New = "public class A : GenServer<int> { public int F() => 2; } public class Top : Supervisor { public int F() => 2; } public class Same : GenServer<int>; public static class Added;";
    private const string UpdateA = "{'update':'A','change':{'advanced':[]}}";
    private const string UpdateTop = "{'update':'Top','change':'supervisor'}";

    private static UpgradePlan Plan(string up, string down, bool allowIncomplete = false) => UpgradePlanner.Plan(
        Builds.Release("1.0", Old),
        Builds.Release("2.0", New, $"{{'version':'2.0','up':[{{'from':'1.0','instructions':[{up}]}}],'down':[{{'from':'1.0','instructions':[{down}]}}]}}"),
        allowIncomplete);

    private static string[] Problems(string up, string down) => [.. Plan(up, down).Problems.Select(problem => problem.Replace('"', '\''))];

    [Fact]
    public void An_appup_that_names_each_change_passes()
    {
        var plan = Plan($"{{'add_module':'Added'}},{UpdateA},{UpdateTop}", $"{UpdateA},{UpdateTop},{{'delete_module':'Added'}}");

        Assert.Empty(plan.Problems);
        Assert.Equal(Verdict.Hot, plan.Verdict);
        Assert.NotNull(plan.Relup);
    }

    [Fact]
    public void A_change_that_nothing_names_is_refused_with_the_line_to_add() => Assert.Equal(
        [
            "app.appup.json, up from 1.0: Added is new and no instruction names it. Add {'add_module':'Added'}.",
            "app.appup.json, up from 1.0: A has changed and no instruction names it. Add {'load_module':'A','pre_purge':'soft_purge','post_purge':'soft_purge'}.",
            "app.appup.json, down to 1.0: Top has changed and no instruction names it. Add {'update':'Top','change':'supervisor'}.",
            "app.appup.json, down to 1.0: Added is gone and no instruction names it. Add {'delete_module':'Added'}.",
        ],
        Problems(UpdateTop, UpdateA));

    [Fact]
    public void A_module_that_has_not_changed_is_refused_with_the_line_to_remove() => Assert.Equal(
        ["app.appup.json, down to 1.0: Same is named but has not changed. Remove {'load_module':'Same'}."],
        Problems($"{{'add_module':'Added'}},{UpdateA},{UpdateTop}", $"{UpdateA},{UpdateTop},{{'load_module':'Same'}},{{'delete_module':'Added'}}"));

    [Fact]
    public void A_supervisor_that_has_changed_needs_an_update() => Assert.Equal(
        ["app.appup.json, up from 1.0: Top is a supervisor that has changed, and only an update changes its children. Write {'update':'Top','change':'supervisor'}."],
        Problems($"{{'add_module':'Added'}},{UpdateA},{{'load_module':'Top'}}", $"{UpdateA},{UpdateTop},{{'delete_module':'Added'}}"));

    [Fact]
    public void Low_level_instructions_name_modules_too() => Assert.Empty(Problems(
        $"{{'load_object_code':'app','version':'2.0','modules':['A']}},'point_of_no_return',{{'suspend':['A']}},{{'load':'A'}},{{'resume':['A']}},{{'add_module':'Added'}},{UpdateTop}",
        $"{UpdateA},{UpdateTop},{{'delete_module':'Added'}}"));

    [Theory]
    [InlineData("{'restart_application':'app'}")]
    [InlineData("'restart_new_emulator'")]
    public void What_starts_anew_names_everything(string instruction) => Assert.DoesNotContain(
        Problems(instruction, instruction), problem => problem.StartsWith("app.appup.json", StringComparison.Ordinal));

    [Fact]
    public void What_is_allowed_to_be_incomplete_is_noted_and_not_refused()
    {
        var plan = Plan(UpdateTop, UpdateA, allowIncomplete: true);

        Assert.Empty(plan.Problems);
        Assert.Equal(4, plan.Notes.Count(note => note.StartsWith("app.appup.json, ", StringComparison.Ordinal)));
        Assert.Equal(["1.0"], plan.Relup!.Up.Select(script => script.Version));
    }

    private const string Uses = "public class A : GenServer<int> { public int F() => H.G() + N; } static class H { public static int G() => B.G(); } public class B : GenServer<int> { public static int G() => N; }";

    private static UpgradePlan Ordered(string a, string b, bool allowIncomplete = false)
    {
        var entry = $"'instructions':[{{'update':'A','change':{{'advanced':[]}}{a}}},{{'update':'B','change':{{'advanced':[]}}{b}}}]";
        return UpgradePlanner.Plan(
            Builds.Release("1.0", Uses.Replace("N;", "1;", StringComparison.Ordinal)),
            Builds.Release("2.0", Uses.Replace("N;", "2;", StringComparison.Ordinal), $"{{'version':'2.0','up':[{{'from':'1.0',{entry}}}],'down':[{{'from':'1.0',{entry}}}]}}"),
            allowIncomplete);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",'depends_on':['B']")]
    public void An_order_that_the_code_does_not_contradict_passes(string a) => Assert.Empty(Ordered(a, "").Problems);

    [Fact]
    public void A_dependency_that_the_code_contradicts_is_refused_with_the_line_to_write()
    {
        string[] expected =
        [
            "app.appup.json, up from 1.0: B is said to depend on A, but in the code A uses B. Remove that from depends_on, and write {'update':'A','change':{'advanced':[]},'depends_on':['B']}.",
            "app.appup.json, down to 1.0: B is said to depend on A, but in the code A uses B. Remove that from depends_on, and write {'update':'A','change':{'advanced':[]},'depends_on':['B']}.",
        ];

        Assert.Equal(expected, Ordered("", ",'depends_on':['A']").Problems.Select(problem => problem.Replace('"', '\'')));
        Assert.Equal(expected, Ordered("", ",'depends_on':['A']", allowIncomplete: true).Notes.Select(note => note.Replace('"', '\'')));
    }
}
