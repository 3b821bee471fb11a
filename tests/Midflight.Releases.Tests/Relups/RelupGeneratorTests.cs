using System.Collections.Immutable;

namespace Midflight.Releases.Tests.Relups;

public sealed class RelupGeneratorTests
{
    private static readonly ApplicationSpec Old = Some.Application("a", "1.0", "A.One");
    private static readonly ApplicationSpec New = Some.Application("a", "2.0", "A.One");

    [Fact]
    public void A_relup_leads_up_and_back_down()
    {
        var relup = Assert.IsType<RelupOutcome.Generated>(
            Generate(Some.Appup("{'update':'A.One','change':{'advanced':[]}}", "{'load_module':'A.One'}"))).Relup;

        Assert.Equal(("2", "1", "1"), (relup.Version, Assert.Single(relup.Up).Version, Assert.Single(relup.Down).Version));
        Assert.Contains(relup.Up[0].Instructions, instruction => instruction is LowLevel.LoadObjectCode("a", "2.0", ["A.One"]));
        Assert.Contains(relup.Down[0].Instructions, instruction => instruction is LowLevel.LoadObjectCode("a", "1.0", ["A.One"]));
    }

    [Fact]
    public void A_changed_application_without_an_appup_is_refused() =>
        Refused(Generate(null), "The appup of a cannot be read: lib/a-2.0/a.appup.json: found no such file, expected an appup.");

    [Fact]
    public void An_appup_without_an_entry_for_the_other_version_is_refused() => Refused(
        Generate(new Appup("2.0", [], [])), "The appup of a 2.0 has no entry up from 1.0. Add one to its \"up\".");

    [Fact]
    public void A_pattern_that_is_no_regular_expression_is_refused() => Refused(
        Generate(new Appup("2.0", [new(new AppupVersion.Pattern("1.("), [])], [])),
        "The appup of a has an entry for versions like 1.(, which is not a regular expression: " +
        "Invalid pattern '1.(' at offset 3. Not enough )'s. Correct it.");

    [Fact]
    public void A_problem_of_a_script_says_on_which_way_it_is() => Refused(
        Generate(Some.Appup("", "{'load_module':'A.Two'}")),
        "Down to 1: No application of the target release has the module A.Two. Add it to the modules of its application.");

    [Fact]
    public void Another_runtime_is_a_warning_and_restarts_the_node_first_going_up_and_last_going_down()
    {
        var generated = Assert.IsType<RelupOutcome.Generated>(Generate(Some.Appup("", ""), runtime: "11.0"));

        Assert.IsType<LowLevel.RestartNewEmulator>(generated.Relup.Up[0].Instructions[0]);
        Assert.IsType<LowLevel.RestartEmulator>(generated.Relup.Down[0].Instructions[^1]);
        Assert.Equal(
            "demo runs on 11.0, demo on 10.0: the node restarts during the upgrade. Build both on one runtime to upgrade without a restart.",
            generated.Warnings[0].ToString());
    }

    [Fact]
    public void A_warning_is_a_refusal_if_that_is_asked_for() => Refused(
        Generate(Some.Appup("", "") with { Version = "2.1" }, options: new RelupOptions { WarningsAsErrors = true }),
        "Warnings are refused here:\n" +
        "The appup of a 2.0 is written for 2.1. Correct its version.\n" +
        "The appup of a 2.0 is written for 2.1. Correct its version.");

    [Theory]
    [InlineData(@"1\.\d+", "1.5", true)]
    [InlineData(@"1\.5|1\.50", "1.50", false)]
    [InlineData(@"1\.[[:digit:]]+", "1.50", true)]
    [InlineData(@"[^]a]+", "1.5", true)]
    [InlineData(@"(?P<major>1)\.5", "1.5", true)]
    [InlineData(@"\Q1.5\E", "1.5", true)]
    [InlineData(@"\Q1.5\E", "1x5", false)]
    [InlineData(@"[0-9.]++5", "1.5", false)]
    [InlineData(@"1\.x{2}+", "1.xx", true)]
    [InlineData(@"1\.\x{3b1}", "1.α", true)]
    [InlineData(@"\d+\.\d+", "1.٣", false)]
    [InlineData(@"(?P<one>1)\.(?P=one)", "1.1", true)]
    [InlineData(@"1\N5\E", "1.5", true)]
    [InlineData(@"1\R5", "1.5", false)]
    [InlineData(@"(?|1\.(5)|2\.(6))", "1.5", true)]
    [InlineData(@"(?|(1)|2)\.(5)", "2.5", true)]
    [InlineData(@"(?U)1.*", "1.5", false)]
    [InlineData(@"(?U)1.*?", "1.5", true)]
    [InlineData(@"(?U)1\.5+?", "1.55", true)]
    [InlineData(@"(?U)1{1,2}", "11", false)]
    [InlineData(@"1(?U).*", "1.5", false)]
    [InlineData(@"1(?U:.*)5", "1.55", false)]
    [InlineData(@"(1(?U).*)\.*", "1..", true)]
    [InlineData(@"(?-U)1.*", "1.5", true)]
    [InlineData(@"1\K.5", "1.5", false)]
    [InlineData(@"\K1.5", "1.5", true)]
    [InlineData(@"a*\K1.5", "1.5", true)]
    [InlineData(@"[\Q.]\E1]+", "1.1", true)]
    [InlineData(@"[\Q.-5\E1]+", "1.5", true)]
    [InlineData(@"[\Q^\E1.]+", "1.^", true)]
    [InlineData(@"[[:^alpha:]]+", "1.5", true)]
    [InlineData(@"[[:^digit:]]+", "15", false)]
    [InlineData(@"[^[:^digit:]]+", "15", true)]
    [InlineData(@"[\D15]+", "1.5", true)]
    [InlineData(@"[^\D]+", "1.5", false)]
    public void A_regular_expression_means_what_it_means_in_Perl(string pattern, string version, bool matches) =>
        Assert.Equal(matches, AppupMatch.Matches(new AppupVersion.Pattern(pattern), version));

    private static void Refused(RelupOutcome outcome, string sentence) =>
        Assert.Equal(sentence, Assert.IsType<RelupOutcome.Refused>(outcome).Problem.ToString());

    private static RelupOutcome Generate(Appup? appup, string runtime = "10.0", RelupOptions? options = null)
    {
        var library = new ApplicationLibrary();
        library.Add(Old);
        library.Add(New, appup);
        ImmutableArray<RelupBase> bases = [new("1", Some.Release("1", Old))];
        return RelupGenerator.Generate(new RelupBase("2", Some.Release("2", New) with { Runtime = runtime }), bases, bases, library, options);
    }
}
