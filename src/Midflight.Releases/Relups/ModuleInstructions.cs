using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>
/// Turns instructions for modules into low-level ones. Modules that hang together by dependencies are taken together, where the
/// first of them stands.
/// </summary>
internal sealed class ModuleInstructions
{
    private readonly ImmutableArray<Instruction> _instructions;
    private readonly DependencyGraph _graph;
    private readonly Dictionary<string, ReleasedApplication> _owners = [];

    public ModuleInstructions(ImmutableArray<Instruction> instructions, ImmutableArray<ReleasedApplication> to, ImmutableArray<string> ties)
    {
        _instructions = instructions;
        _graph = new DependencyGraph(ties);
        foreach (var instruction in instructions)
        {
            if (DependentModule(instruction) is { } module)
            {
                _graph.Add(module, instruction);
            }
        }

        foreach (var instruction in instructions)
        {
            if (DependentModule(instruction) is { } module)
            {
                _graph.Connect(module, DependsOn(instruction));
            }
        }

        foreach (var application in to)
        {
            foreach (var module in application.Spec.Modules)
            {
                _owners.TryAdd(module.Name, application);
            }
        }
    }

    /// <summary>The low-level instructions, and those that read the code that they load.</summary>
    public List<LowLevel> Translate(ChangeMode direction, out List<LowLevel.LoadObjectCode> objectCode)
    {
        List<LowLevel> behind = [];
        objectCode = [];
        var done = new HashSet<string>();
        foreach (var instruction in _instructions)
        {
            if (DependentModule(instruction) is not { } module)
            {
                behind.Add((LowLevel)instruction);
            }
            else if (!done.Contains(module))
            {
                var together = _graph.ComponentOf(module);
                done.UnionWith(together.Select(item => DependentModule(item)!));
                behind.AddRange(Translate(direction, together));
                objectCode.AddRange(together.Where(item => item is not HighLevel.DeleteModule).Select(ReadCode));
            }
        }

        return behind;
    }

    // Dependents first. Suspending and changing code goes that way. Loading goes the other way up, so that nothing calls what is
    // not yet there, and that way down, so that nothing calls what is no longer there.
    private static IEnumerable<LowLevel> Translate(ChangeMode direction, ImmutableArray<Instruction> together)
    {
        var updates = together.OfType<HighLevel.Update>().ToImmutableArray();
        LowLevel[] suspend = updates.IsEmpty
            ? []
            : [new LowLevel.Suspend([.. updates.Select(update => new SuspendedModule(update.Module, update.Timeout))])];
        LowLevel[] resume = updates.IsEmpty ? [] : [new LowLevel.Resume([.. updates.Reverse().Select(update => update.Module)])];
        return direction == ChangeMode.Up
            ? [.. suspend, .. together.Reverse().SelectMany(Load), .. CodeChange(ChangeMode.Up, updates), .. resume]
            :
            [
                .. suspend,
                .. CodeChange(ChangeMode.Down, updates.Where(update => update.Type == ModuleType.Dynamic)),
                .. together.SelectMany(Load),
                .. CodeChange(ChangeMode.Down, updates.Where(update => update.Type == ModuleType.Static)),
                .. resume,
            ];
    }

    private static LowLevel[] CodeChange(ChangeMode mode, IEnumerable<HighLevel.Update> updates)
    {
        var changes = updates
            .Where(update => update.Change is StateChange.Advanced)
            .Select(update => new ModuleExtra(update.Module, ((StateChange.Advanced)update.Change).Extra))
            .ToImmutableArray();
        return changes.IsEmpty ? [] : [new LowLevel.CodeChange(mode, changes)];
    }

    private static IEnumerable<LowLevel> Load(Instruction instruction) => instruction switch
    {
        HighLevel.Update update => [new LowLevel.Load(update.Module, update.PrePurge, update.PostPurge)],
        HighLevel.LoadModule load => [new LowLevel.Load(load.Module, load.PrePurge, load.PostPurge)],
        HighLevel.AddModule add => [new LowLevel.Load(add.Module)],
        HighLevel.DeleteModule delete => [new LowLevel.Remove(delete.Module), new LowLevel.Purge([delete.Module])],
        _ => throw new InvalidOperationException($"No code to load for {instruction}."),
    };

    private LowLevel.LoadObjectCode ReadCode(Instruction instruction)
    {
        var module = DependentModule(instruction)!;
        return _owners.TryGetValue(module, out var owner)
            ? new LowLevel.LoadObjectCode(owner.Spec.Name, owner.Spec.Version, [module])
            : throw new ScriptRefusedException(new ScriptProblem.NoSuchModule(module));
    }

    private static string? DependentModule(Instruction instruction) => instruction switch
    {
        HighLevel.Update update => update.Module,
        HighLevel.LoadModule load => load.Module,
        HighLevel.AddModule add => add.Module,
        HighLevel.DeleteModule delete => delete.Module,
        _ => null,
    };

    private static ImmutableArray<string> DependsOn(Instruction instruction) => instruction switch
    {
        HighLevel.Update update => update.DependsOn,
        HighLevel.LoadModule load => load.DependsOn,
        HighLevel.AddModule add => add.DependsOn,
        HighLevel.DeleteModule delete => delete.DependsOn,
        _ => [],
    };
}
