using System.Collections.Immutable;

namespace Midflight.Releases.Plans;

/// <summary>Checks an appup that a person wrote against what differs: each change is named, and nothing else is.</summary>
internal static class AppupCoverage
{
    /// <summary>What one direction of an appup lacks or has too much of, each with the line to write.</summary>
    /// <param name="where">The file, direction and version, as a sentence begins with them.</param>
    /// <param name="application">The name of the application.</param>
    /// <param name="instructions">The instructions of that direction.</param>
    /// <param name="diff">What differs in that direction.</param>
    internal static IEnumerable<string> Check(
        string where, string application, ImmutableArray<Instruction> instructions, ModuleDiff diff)
    {
        if (instructions.Any(instruction => StartsAnew(instruction, application)))
        {
            yield break;
        }

        var named = instructions.SelectMany(Named).ToHashSet();
        var updated = instructions.SelectMany(Updated).ToHashSet();
        var supervisors = diff.Kept.Where(module => ModuleDiff.IsSupervisor(module.Was) && ModuleDiff.IsSupervisor(module.Now))
            .Select(module => module.Now.Name).ToHashSet();

        foreach (var instruction in diff.Instructions)
        {
            var module = Named(instruction).Single();
            var line = FileDoor.WriteLine(json => InstructionWriter.Write(json, instruction));

            if (!named.Contains(module))
            {
                yield return $"{where}: {module} {Happening(instruction)} and no instruction names it. Add {line}.";
            }
            else if (supervisors.Contains(module) && !updated.Contains(module))
            {
                yield return $"{where}: {module} is a supervisor that has changed, and only an update changes its children. Write {line}.";
            }
        }

        foreach (var problem in Contradictions(where, instructions, diff))
        {
            yield return problem;
        }

        var unchanged = diff.Kept.Where(module => ModuleDiff.Reason(module.Was, module.Now) is null).Select(module => module.Now.Name).ToHashSet();

        foreach (var instruction in instructions.OfType<HighLevel>())
        {
            foreach (var module in Named(instruction).Where(unchanged.Contains))
            {
                var line = FileDoor.WriteLine(json => InstructionWriter.Write(json, instruction));
                yield return $"{where}: {module} is named but has not changed. Remove {line}.";
            }
        }
    }

    // A module that is said to depend on one that uses it, while the code does not lead back: the order of both is the wrong way round.
    private static IEnumerable<string> Contradictions(string where, ImmutableArray<Instruction> instructions, ModuleDiff diff)
    {
        var written = instructions.OfType<HighLevel>().Where(instruction => Named(instruction).Any())
            .DistinctBy(instruction => Named(instruction).Single()).ToDictionary(instruction => Named(instruction).Single());

        foreach (var (module, instruction) in written)
        {
            foreach (var used in diff.Uses(module).Where(used => Leads(used, module, Said) && !Leads(used, module, diff.Uses)))
            {
                var line = FileDoor.WriteLine(json => InstructionWriter.Write(json, On(instruction, [.. DependsOn(instruction).Append(used).Distinct()])));
                yield return $"{where}: {used} is said to depend on {module}, but in the code {module} uses {used}. Remove that from depends_on, and write {line}.";
            }
        }

        ImmutableArray<string> Said(string module) => written.TryGetValue(module, out var instruction) ? DependsOn(instruction) : [];
    }

    private static bool Leads(string from, string to, Func<string, ImmutableArray<string>> next)
    {
        var reached = new HashSet<string>();
        var open = new Stack<string>([from]);

        while (open.TryPop(out var module))
        {
            foreach (var other in next(module).Where(reached.Add))
            {
                open.Push(other);
            }
        }

        return reached.Contains(to);
    }

    private static ImmutableArray<string> DependsOn(HighLevel instruction) => instruction switch
    {
        HighLevel.Update update => update.DependsOn,
        HighLevel.LoadModule load => load.DependsOn,
        HighLevel.AddModule add => add.DependsOn,
        HighLevel.DeleteModule delete => delete.DependsOn,
        _ => [],
    };

    private static HighLevel On(HighLevel instruction, ImmutableArray<string> modules) => instruction switch
    {
        HighLevel.Update update => update with { DependsOn = modules },
        HighLevel.LoadModule load => load with { DependsOn = modules },
        HighLevel.AddModule add => add with { DependsOn = modules },
        HighLevel.DeleteModule delete => delete with { DependsOn = modules },
        _ => instruction,
    };

    private static string Happening(Instruction instruction) => instruction switch
    {
        HighLevel.AddModule => "is new",
        HighLevel.DeleteModule => "is gone",
        _ => "has changed",
    };

    // What is started anew runs the new code without a word for each module.
    private static bool StartsAnew(Instruction instruction, string application) => instruction switch
    {
        HighLevel.RestartApplication(var name) => name == application,
        LowLevel.RestartEmulator or LowLevel.RestartNewEmulator => true,
        _ => false,
    };

    private static IEnumerable<string> Named(Instruction instruction) => instruction switch
    {
        HighLevel.Update update => [update.Module],
        HighLevel.LoadModule load => [load.Module],
        HighLevel.AddModule add => [add.Module],
        HighLevel.DeleteModule delete => [delete.Module],
        LowLevel.Load load => [load.Module],
        LowLevel.Remove remove => [remove.Module],
        LowLevel.CodeChange change => change.Modules.Select(module => module.Module),
        _ => [],
    };

    private static IEnumerable<string> Updated(Instruction instruction) =>
        instruction is HighLevel.Update or LowLevel.CodeChange ? Named(instruction) : [];
}
