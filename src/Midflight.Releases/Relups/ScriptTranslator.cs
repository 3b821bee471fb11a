using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Translates the instructions of appups into the script that carries them out. Does not read or write files.</summary>
/// <remarks>
/// In this order: the parts before and after the points of no return are joined; the syntax is checked; instructions
/// for applications become instructions for modules; those for modules become low-level ones, dependency by dependency; the reading
/// of code moves to the front, one instruction for each application; restarts come first (up) or last (down).
/// </remarks>
public static class ScriptTranslator
{
    /// <summary>Translates instructions.</summary>
    /// <param name="direction">Up or down.</param>
    /// <param name="scripts">The instructions, appup by appup.</param>
    /// <param name="to">The applications of the target release.</param>
    /// <param name="from">The applications of the release that the node leaves.</param>
    /// <param name="ties">The order where dependencies leave it open; empty for the order of the instructions.</param>
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
            // The translator stops at the first problem, however deep. Here the problem becomes the result.
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

    // One instruction for each application, at the place of its first one. Everything else there comes after it.
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

    // The new runtime runs the whole upgrade. The runtime being left runs the whole downgrade.
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
