using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Turns the instructions of appups into the script that carries them out. Reads and writes no files.</summary>
/// <remarks>
/// In this order: the parts before and behind the points of no return are put together; the syntax is checked; instructions
/// for applications become such for modules; those for modules become low-level ones, dependency by dependency; the reading
/// of code comes to the front, one instruction for each application; restarts come first (up) or last (down).
/// </remarks>
public static class ScriptTranslator
{
    /// <summary>Translates instructions.</summary>
    /// <param name="direction">Where one goes.</param>
    /// <param name="scripts">The instructions, appup by appup.</param>
    /// <param name="to">The applications of the release gone to.</param>
    /// <param name="from">The applications of the release left.</param>
    /// <param name="ties">The order where dependencies leave it open; empty for that of the instructions.</param>
    /// <returns>The script, or the first problem.</returns>
    public static ScriptOutcome Translate(
        ChangeMode direction,
        IEnumerable<ImmutableArray<Instruction>> scripts,
        ImmutableArray<ReleasedApplication> to,
        ImmutableArray<ReleasedApplication> from,
        ImmutableArray<string> ties = default)
    {
        try
        {
            return new ScriptOutcome.Translated(Translate(direction, SplitScript.Merge(scripts), to, from, ties.IsDefault ? [] : ties));
        }
        catch (ScriptRefusedException refused)
        {
            // The translator stops at the first problem, however deep; here it becomes the answer.
            return new ScriptOutcome.Refused(refused.Problem);
        }
    }

    private static ImmutableArray<LowLevel> Translate(
        ChangeMode direction,
        SplitScript script,
        ImmutableArray<ReleasedApplication> to,
        ImmutableArray<ReleasedApplication> from,
        ImmutableArray<string> ties)
    {
        ScriptChecks.Check(script);
        var steps = ApplicationInstructions.Expand(script.Behind, to, from);
        var modules = new ModuleInstructions(steps, to, ties);
        var behind = modules.Translate(direction, out var objectCode);
        var before = MergeObjectCode([.. script.Before.Cast<LowLevel>(), .. objectCode]);
        return SortRestarts(direction, before, behind);
    }

    // One instruction for each application, where the first of them stood; whatever else stands there comes behind.
    private static List<LowLevel> MergeObjectCode(List<LowLevel> before)
    {
        Dictionary<string, (string Version, List<ImmutableArray<string>> Modules)> merged = [];
        foreach (var (application, version, modules) in before.OfType<LowLevel.LoadObjectCode>())
        {
            if (!merged.TryGetValue(application, out var code))
            {
                merged[application] = code = (version, []);
            }
            else if (code.Version != version)
            {
                throw new ScriptRefusedException(new ScriptProblem.ConflictingVersions(application, code.Version, version));
            }

            code.Modules.Add(modules);
        }

        return
        [
            .. merged.Select(code => new LowLevel.LoadObjectCode(code.Key, code.Value.Version, LastOfEach(code.Value.Modules))),
            .. before.Where(instruction => instruction is not LowLevel.LoadObjectCode),
        ];
    }

    // A module that several instructions name is read where the last of them names it.
    private static ImmutableArray<string> LastOfEach(List<ImmutableArray<string>> lists)
    {
        var later = new HashSet<string>();
        var kept = new List<IEnumerable<string>>();
        foreach (var modules in lists.AsEnumerable().Reverse())
        {
            kept.Insert(0, [.. modules.Where(module => !later.Contains(module))]);
            later.UnionWith(modules);
        }

        return [.. kept.SelectMany(modules => modules)];
    }

    // A new runtime runs the whole upgrade, and the whole downgrade runs on the one that is left.
    private static ImmutableArray<LowLevel> SortRestarts(ChangeMode direction, List<LowLevel> before, List<LowLevel> behind)
    {
        var onNew = behind.RemoveAll(instruction => instruction is LowLevel.RestartNewEmulator) > 0;
        var atEnd = behind.RemoveAll(instruction => instruction is LowLevel.RestartEmulator) > 0;
        var up = direction == ChangeMode.Up;
        return
        [
            .. onNew && up ? [new LowLevel.RestartNewEmulator()] : Array.Empty<LowLevel>(),
            .. before,
            new LowLevel.PointOfNoReturn(),
            .. behind,
            .. atEnd || (onNew && !up) ? [new LowLevel.RestartEmulator()] : Array.Empty<LowLevel>(),
        ];
    }
}
