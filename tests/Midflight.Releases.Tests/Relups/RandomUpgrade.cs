using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace Midflight.Releases.Tests.Relups;

/// <summary>What happens to one module of a <see cref="RandomUpgrade"/>.</summary>
public enum ModuleFate
{
    /// <summary>Loaded anew.</summary>
    Loaded,

    /// <summary>Updated with its state.</summary>
    Updated,

    /// <summary>A supervisor that changes.</summary>
    Supervisor,

    /// <summary>New in the new version, so deleted on the way down.</summary>
    Added,

    /// <summary>Gone in the new version, so added on the way down.</summary>
    Deleted,
}

/// <summary>Two releases of two applications, with random modules, dependencies and order of instructions.</summary>
/// <param name="Fates">What happens to each module.</param>
/// <param name="Edges">For each pair, whether the one depends on the other; only on such that come later, so never in a circle.</param>
/// <param name="Order">The order of the instructions.</param>
public sealed record RandomUpgrade(ImmutableArray<ModuleFate> Fates, ImmutableArray<bool> Edges, ImmutableArray<int> Order)
{
    public static Arbitrary<RandomUpgrade> Arbitrary { get; } = (
        from count in Gen.Choose(1, 12)
        from fates in Gen.Elements(Enum.GetValues<ModuleFate>()).ArrayOf(count)
        from edges in Gen.Choose(0, 3).ArrayOf(count * count)
        from order in Gen.Shuffle(Enumerable.Range(0, count).ToArray())
        select new RandomUpgrade([.. fates], [.. edges.Select(edge => edge == 0)], [.. order])).ToArbitrary();

    public int Count => Fates.Length;

    public static string Name(int module) => $"M{module}";

    public bool DependsOn(int module, int other) => module < other && Edges[(module * Count) + other];

    /// <summary>The module of each version, by name.</summary>
    public Dictionary<string, string> Modules(string version) => Enumerable.Range(0, Count)
        .Where(module => Fates[module] != (version == "1.0" ? ModuleFate.Added : ModuleFate.Deleted))
        .ToDictionary(Name, _ => version);

    public ImmutableArray<LowLevel> Script(ChangeMode direction)
    {
        var (to, from) = direction == ChangeMode.Up ? ("2.0", "1.0") : ("1.0", "2.0");
        var scripts = Order.GroupBy(module => module % 2).Select(group =>
            group.Select(module => Instruction(direction, module)).ToImmutableArray());
        return Assert.IsType<ScriptOutcome.Translated>(
            ScriptTranslator.Translate(direction, scripts, Applications(to), Applications(from))).Instructions;
    }

    private Instruction Instruction(ChangeMode direction, int module)
    {
        var name = Name(module);
        ImmutableArray<string> deps = [.. Enumerable.Range(0, Count).Where(other => DependsOn(module, other)).Select(Name)];
        var added = direction == ChangeMode.Up ? ModuleFate.Added : ModuleFate.Deleted;
        return Fates[module] switch
        {
            ModuleFate.Loaded => new HighLevel.LoadModule(name) { DependsOn = deps },
            ModuleFate.Updated => new HighLevel.Update(name) { Change = StateChange.Advanced.WithoutExtra, DependsOn = deps },
            ModuleFate.Supervisor => HighLevel.Update.Supervisor(name) with { DependsOn = deps },
            var fate when fate == added => new HighLevel.AddModule(name) { DependsOn = deps },
            _ => new HighLevel.DeleteModule(name) { DependsOn = deps },
        };
    }

    private ImmutableArray<ReleasedApplication> Applications(string version)
    {
        var modules = Modules(version);
        return Some.Released(
            [.. Enumerable.Range(0, 2).Select(application => Some.Application(
                $"app{application}",
                version,
                [.. Enumerable.Range(0, Count).Where(module => module % 2 == application && modules.ContainsKey(Name(module))).Select(Name)]))]);
    }
}
