using System.Collections.Immutable;

namespace Midflight.Releases.Tests.Relups;

public sealed class ScriptTranslatorTests
{
    private static readonly ApplicationSpec Old = Some.Application("a", "1.0", "A.One", "A.Two", "A.Three");
    private static readonly ApplicationSpec New = Some.Application("a", "2.0", "A.One", "A.Two", "A.Three");

    [Fact]
    public void Dependents_are_suspended_first_and_loaded_last_on_the_way_up() => Assert.Equal(
        [
            "{'load_object_code':'a','version':'2.0','modules':['A.One','A.Two']}",
            "'point_of_no_return'",
            "{'suspend':['A.One','A.Two']}",
            "{'load':'A.Two'}",
            "{'load':'A.One'}",
            "{'code_change':[{'module':'A.One','extra':1}],'mode':'up'}",
            "{'resume':['A.Two','A.One']}",
        ],
        Up("{'update':'A.Two'},{'update':'A.One','change':{'advanced':1},'depends_on':['A.Two']}"));

    [Fact]
    public void Dynamic_modules_change_code_before_the_loads_on_the_way_down_and_static_ones_after() => Assert.Equal(
        [
            "{'load_object_code':'a','version':'1.0','modules':['A.One','A.Two']}",
            "'point_of_no_return'",
            "{'suspend':['A.One','A.Two']}",
            "{'code_change':[{'module':'A.One','extra':1}],'mode':'down'}",
            "{'load':'A.One'}",
            "{'load':'A.Two'}",
            "{'code_change':[{'module':'A.Two','extra':[]}],'mode':'down'}",
            "{'resume':['A.Two','A.One']}",
        ],
        Down("{'update':'A.One','change':{'advanced':1},'depends_on':['A.Two']},{'update':'A.Two','change':'supervisor'}"));

    [Fact]
    public void An_added_application_is_loaded_and_started_and_a_removed_one_stopped_and_unloaded()
    {
        var other = Some.Application("b", "1.0", "B.One");

        var script = ScriptTranslator.Translate(
            ChangeMode.Up,
            [Some.Instructions("{'add_application':'b','type':'transient'},{'remove_application':'a'}")],
            Some.Released(other),
            Some.Released(Some.Application("a", "1.0", "A.One")));

        Assert.Equal(
            [
                "{'load_object_code':'b','version':'1.0','modules':['B.One']}",
                "'point_of_no_return'",
                "{'load':'B.One'}",
                "{'apply':{'module':'application','function':'start','arguments':['b','transient']}}",
                "{'apply':{'module':'application','function':'stop','arguments':['a']}}",
                "{'remove':'A.One'}",
                "{'purge':['A.One']}",
                "{'apply':{'module':'application','function':'unload','arguments':['a']}}",
            ],
            Some.Script(script));
    }

    [Theory]
    [InlineData("{'update':'A.One'},'point_of_no_return'", "{\"update\":\"A.One\"} comes before point_of_no_return, where only load_object_code and apply are allowed. Move it after.")]
    [InlineData("'point_of_no_return','point_of_no_return'", "An appup entry has point_of_no_return twice. Remove one.")]
    [InlineData("{'load':'A.One'}", "A.One is loaded, but no load_object_code reads it. Add one, or write load_module instead of load.")]
    [InlineData("{'suspend':['A.One','A.Two']}", "A.One, A.Two are suspended and never resumed. Add a resume.")]
    [InlineData("{'resume':['A.One']}", "A.One is resumed but not suspended. Add a suspend before it, or remove the resume.")]
    [InlineData("{'stop':['A.One']}", "A.One is stopped and never started. Add a start.")]
    [InlineData("{'start':['A.One']}", "A.One is started but not stopped. Add a stop before it, or remove the start.")]
    [InlineData("{'add_application':'z'}", "The release has no application z. Add it to the release, or remove the instruction.")]
    [InlineData("{'remove_application':'a'}", "a is removed, but the target release has it. Remove the remove_application, or take a out of that release.")]
    [InlineData("{'update':'A.One','depends_on':['A.Two']}", "A.One depends on A.Two, for which there is no instruction. Add one, or take A.Two out of its dependencies.")]
    [InlineData("{'update':'A.One'},{'load_module':'A.One'}", "Two instructions change A.One. Keep one of them.")]
    [InlineData("{'load_module':'Z'}", "No application of the target release has the module Z. Add it to the modules of its application.")]
    [InlineData(
        "{'load_object_code':'a','version':'2.0','modules':['A.One']},{'load_object_code':'a','version':'1.0','modules':['A.Two']}",
        "The code of a is read from both 2.0 and 1.0. Use one version.")]
    [InlineData(
        "{'update':'A.One','timeout':0}",
        "a.appup.json:1:82: found 0 at up[0].instructions[0].timeout, expected \"default\", \"infinity\" or a whole number above 0.")]
    public void Instructions_that_make_no_script_are_refused_with_what_to_do(string instructions, string sentence)
    {
        var outcome = ScriptTranslator.Translate(
            ChangeMode.Up, [Some.Instructions(instructions)], Some.Released(New), Some.Released(Old));

        Assert.Equal(sentence, Assert.IsType<ScriptOutcome.Refused>(outcome).Problem.ToString());
    }

    [Fact]
    public void Two_thousand_modules_in_fifty_applications_are_translated()
    {
        const int Applications = 50, Modules = 40;
        var (old, current) = (Release("1.0"), Release("2.0"));
        var appups = current.Select(application => ImmutableArray.CreateRange<Instruction>(application.Modules.Select((module, number) =>
            new HighLevel.Update(module.Name)
            {
                Change = StateChange.Advanced.WithoutExtra,
                // A chain through each application, and from each to the one before it.
                DependsOn = number + 1 < Modules
                    ? [application.Modules[number + 1].Name]
                    : [.. current.TakeWhile(other => other != application).Select(other => other.Modules[0].Name).TakeLast(1)],
            })));

        var script = Assert.IsType<ScriptOutcome.Translated>(
            ScriptTranslator.Translate(ChangeMode.Up, appups, Some.Released(current), Some.Released(old))).Instructions;

        Assert.Equal(Applications, script.OfType<LowLevel.LoadObjectCode>().Count());
        Assert.Equal(Applications * Modules, script.OfType<LowLevel.Load>().Count());
        Assert.Equal(Applications * Modules, Assert.Single(script.OfType<LowLevel.Suspend>()).Modules.Length);

        static ImmutableArray<ApplicationSpec> Release(string version) =>
        [
            .. Enumerable.Range(0, Applications).Select(application => Some.Application(
                $"app{application}", version, [.. Enumerable.Range(0, Modules).Select(module => $"App{application}.Module{module}")])),
        ];
    }

    private static IEnumerable<string> Up(string instructions) => Some.Script(
        ScriptTranslator.Translate(ChangeMode.Up, [Some.Instructions(instructions)], Some.Released(New), Some.Released(Old)));

    private static IEnumerable<string> Down(string instructions) => Some.Script(
        ScriptTranslator.Translate(ChangeMode.Down, [Some.Instructions(instructions)], Some.Released(Old), Some.Released(New)));
}
