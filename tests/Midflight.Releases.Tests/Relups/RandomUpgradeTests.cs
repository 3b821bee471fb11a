using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace Midflight.Releases.Tests.Relups;

public sealed class RandomUpgradeTests
{
    [Fact]
    public void Every_suspended_module_is_resumed_in_the_reverse_order() => Holds(script =>
    {
        var open = new Stack<ImmutableArray<string>>();
        foreach (var instruction in script)
        {
            switch (instruction)
            {
                case LowLevel.Suspend(var modules):
                    open.Push([.. modules.Select(item => item.Module)]);
                    break;
                case LowLevel.Resume(var modules) when !open.Pop().Reverse().SequenceEqual(modules):
                    return false;
            }
        }

        return open.Count == 0;
    });

    [Fact]
    public void Every_module_that_is_loaded_has_been_read_before_the_point_of_no_return() => Holds(script =>
    {
        var read = script.TakeWhile(instruction => instruction is not LowLevel.PointOfNoReturn)
            .OfType<LowLevel.LoadObjectCode>().SelectMany(instruction => instruction.Modules).ToHashSet();
        return script.OfType<LowLevel.Load>().All(load => read.Contains(load.Module));
    });

    [Fact]
    public void A_module_is_loaded_after_those_it_depends_on_going_up_and_before_them_going_down() =>
        Check.One(Quick, Prop.ForAll(RandomUpgrade.Arbitrary, upgrade =>
            InOrder(upgrade, ChangeMode.Up) && InOrder(upgrade, ChangeMode.Down)));

    [Fact]
    public void Up_and_then_down_restores_every_module() =>
        Check.One(Quick, Prop.ForAll(RandomUpgrade.Arbitrary, upgrade =>
        {
            var up = Run(upgrade.Modules("1.0"), upgrade.Script(ChangeMode.Up));
            var down = Run(up, upgrade.Script(ChangeMode.Down));
            return Same(up, upgrade.Modules("2.0")) && Same(down, upgrade.Modules("1.0"));
        }));

    private static Config Quick => Config.QuickThrowOnFailure.WithMaxTest(500);

    private static void Holds(Func<ImmutableArray<LowLevel>, bool> property) =>
        Check.One(Quick, Prop.ForAll(RandomUpgrade.Arbitrary, upgrade =>
            property(upgrade.Script(ChangeMode.Up)) && property(upgrade.Script(ChangeMode.Down))));

    private static bool InOrder(RandomUpgrade upgrade, ChangeMode direction)
    {
        var places = upgrade.Script(direction)
            .Select((instruction, place) => (Module: Changed(instruction), place))
            .Where(item => item.Module is not null)
            .ToDictionary(item => item.Module!, item => item.place);
        return (from module in Enumerable.Range(0, upgrade.Count)
                from other in Enumerable.Range(0, upgrade.Count)
                where upgrade.DependsOn(module, other)
                select places[RandomUpgrade.Name(module)].CompareTo(places[RandomUpgrade.Name(other)]))
            .All(order => direction == ChangeMode.Up ? order > 0 : order < 0);
    }

    private static string? Changed(LowLevel instruction) => instruction switch
    {
        LowLevel.Load load => load.Module,
        LowLevel.Remove remove => remove.Module,
        _ => null,
    };

    private static Dictionary<string, string> Run(Dictionary<string, string> modules, ImmutableArray<LowLevel> script)
    {
        var running = new Dictionary<string, string>(modules);
        var read = new Dictionary<string, string>();
        foreach (var instruction in script)
        {
            switch (instruction)
            {
                case LowLevel.LoadObjectCode(_, var version, var names):
                    foreach (var name in names)
                    {
                        read[name] = version;
                    }

                    break;
                case LowLevel.Load load:
                    running[load.Module] = read[load.Module];
                    break;
                case LowLevel.Remove remove:
                    running.Remove(remove.Module);
                    break;
            }
        }

        return running;
    }

    private static bool Same(Dictionary<string, string> one, Dictionary<string, string> two) =>
        one.Count == two.Count && one.All(item => two.GetValueOrDefault(item.Key) == item.Value);
}
