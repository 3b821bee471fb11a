using System.Collections.Immutable;

namespace Midflight.Releases.Plans;

/// <summary>What differs between the modules of two versions of an application, in one direction.</summary>
internal sealed class ModuleDiff
{
    private readonly Dictionary<string, ModuleCode> _before;
    private readonly Dictionary<string, ModuleCode> _after;

    private readonly UnderWay _underWay;
    private readonly bool _together;

    internal ModuleDiff(CodeSet oldCode, ApplicationCode old, CodeSet newCode, ApplicationCode now, UnderWay underWay)
    {
        _underWay = underWay;
        _together = old.Spec.Together || now.Spec.Together;
        _before = Modules(oldCode, old);
        _after = Modules(newCode, now);
        Added = [.. _after.Keys.Except(_before.Keys).Order(StringComparer.Ordinal)];
        Dropped = [.. _before.Keys.Except(_after.Keys).Order(StringComparer.Ordinal)];
        Kept = [.. _after.Values.Where(module => _before.ContainsKey(module.Name))
            .OrderBy(module => module.Name, StringComparer.Ordinal).Select(module => (_before[module.Name], module))];
    }

    /// <summary>Modules that only the version gone to has.</summary>
    internal ImmutableArray<string> Added { get; }

    /// <summary>Modules that only the version left has.</summary>
    internal ImmutableArray<string> Dropped { get; }

    /// <summary>Modules that both have, changed or not.</summary>
    internal ImmutableArray<(ModuleCode Was, ModuleCode Now)> Kept { get; }

    /// <summary>Modules that both have and that have changed.</summary>
    internal IEnumerable<(ModuleCode Was, ModuleCode Now)> Changed => Kept.Where(module => Reason(module.Was, module.Now) is not null);

    /// <summary>The instructions of an appup for all that differs, with the dependencies that the code gone to shows.</summary>
    internal ImmutableArray<Instruction> Instructions
    {
        get
        {
            var named = Added.Concat(Changed.Select(module => module.Now.Name)).ToHashSet();
            return
            [
                .. Added.Select(module => new HighLevel.AddModule(module) { DependsOn = UsedBy(module) }),
                .. Changed.Select(module => Change(module.Was, module.Now, Together(module.Was, module.Now) is not null, UsedBy(module.Now.Name))),
                .. Dropped.Select(module => new HighLevel.DeleteModule(module)),
            ];

            ImmutableArray<string> UsedBy(string module) => [.. Uses(module).Where(named.Contains)];
        }
    }

    /// <summary>The modules that one uses in the code gone to; none for a module that is not there.</summary>
    internal ImmutableArray<string> Uses(string module) => _after.GetValueOrDefault(module)?.Uses ?? [];

    /// <summary>Why a module counts as changed; null where it does not.</summary>
    internal static string? Reason(ModuleCode was, ModuleCode now) =>
        was.Kind != now.Kind ? $"its kind was {was.Kind} and is now {now.Kind}"
        : was.OwnHash != now.OwnHash ? "its code has changed"
        : was.ReachedHash != now.ReachedHash ? "code that it uses has changed"
        : was.Vsn != now.Vsn ? $"its vsn was {was.Vsn} and is now {now.Vsn}"
        : null;

    internal static bool IsSupervisor(ModuleCode module) => module.Kind is ModuleKind.Supervisor or ModuleKind.DynamicSupervisor;

    /// <summary>Whether its processes change code, as a server does.</summary>
    internal static bool HasState(ModuleCode module) => module.State is not null;

    /// <summary>Why the processes of a changed module stand still together and change; null where each goes to the new code at its next message.</summary>
    internal string? Together(ModuleCode was, ModuleCode module) =>
        IsSupervisor(module) ? "a supervisor's children may change with it"
        : module.Kind == ModuleKind.SpecialProcess ? "its loop moves to new code only when it is suspended"
        : !HasState(module) ? null
        : was.ChangesCode || module.ChangesCode ? "it has a CodeChange"
        : _together ? "its project says so with <MidflightTogether>"
        : _underWay.Reason(module.Name);

    private static HighLevel Change(ModuleCode was, ModuleCode module, bool together, ImmutableArray<string> dependsOn) => (was.Kind, module.Kind) switch
    {
        _ when IsSupervisor(was) && IsSupervisor(module) => HighLevel.Update.Supervisor(module.Name) with { DependsOn = dependsOn },
        var (before, after) when before == after && HasState(module) && together => new HighLevel.Update(module.Name)
        {
            Change = was.ChangesCode || module.ChangesCode ? StateChange.Advanced.WithoutExtra : new StateChange.Soft(),
            DependsOn = dependsOn,
        },

        // A function, or a callback, may take its time in old code; it is not ended for that.
        _ when HasState(module) || module.Kind == ModuleKind.Functions =>
            new HighLevel.LoadModule(module.Name) { PrePurge = PurgeMethod.Soft, PostPurge = PurgeMethod.Soft, DependsOn = dependsOn },
        _ => new HighLevel.LoadModule(module.Name) { DependsOn = dependsOn },
    };

    // What processes run. Other types count by the modules that reach them.
    private static Dictionary<string, ModuleCode> Modules(CodeSet code, ApplicationCode application) => application.Assemblies
        .SelectMany(assembly => code.Modules(assembly.Name))
        .Where(module => module.Kind != ModuleKind.Other && !module.IsAbstract)
        .ToDictionary(module => module.Name);
}
