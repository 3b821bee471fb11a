using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Checks the low-level instructions of a script, in this order.</summary>
internal static class ScriptChecks
{
    public static void Check(SplitScript script)
    {
        CheckSyntax(script);
        CheckObjectCode(script);
        CheckSuspended(script.Behind);
        CheckStopped(script.Behind);
    }

    private static void CheckSyntax(SplitScript script)
    {
        if (script.Before.Concat(script.Behind).OfType<Instruction.Malformed>().FirstOrDefault() is { } malformed)
        {
            throw new ScriptRefusedException(new ScriptProblem.Malformed(malformed));
        }
    }

    private static void CheckObjectCode(SplitScript script)
    {
        var read = script.Before.OfType<LowLevel.LoadObjectCode>().SelectMany(instruction => instruction.Modules).ToHashSet();
        if (script.Behind.OfType<LowLevel.Load>().FirstOrDefault(load => !read.Contains(load.Module)) is { } bare)
        {
            throw new ScriptRefusedException(new ScriptProblem.NoObjectCode(bare.Module));
        }
    }

    // OTP means to refuse a module that changes code without having been suspended, but lets it pass.
    private static void CheckSuspended(IReadOnlyList<Instruction> behind)
    {
        var suspended = behind.OfType<LowLevel.Suspend>().SelectMany(item => item.Modules).Select(item => item.Module).ToList();
        var resumed = behind.OfType<LowLevel.Resume>().SelectMany(item => item.Modules).ToList();
        RefuseExcess(suspended, resumed, modules => new ScriptProblem.NotResumed(modules));
        RefuseExcess(resumed, suspended, modules => new ScriptProblem.NotSuspended(modules));
    }

    private static void CheckStopped(IReadOnlyList<Instruction> behind)
    {
        var started = behind.OfType<LowLevel.Start>().SelectMany(item => item.Modules).ToList();
        var stopped = behind.OfType<LowLevel.Stop>().SelectMany(item => item.Modules).ToList();
        RefuseExcess(started, stopped, modules => new ScriptProblem.NotStopped(modules));
        RefuseExcess(stopped, started, modules => new ScriptProblem.NotStarted(modules));
    }

    private static void RefuseExcess(List<string> modules, List<string> others, Func<ImmutableArray<string>, ScriptProblem> problem)
    {
        var known = others.ToHashSet();
        if (modules.Where(module => !known.Contains(module)).ToImmutableArray() is [_, ..] excess)
        {
            throw new ScriptRefusedException(problem(excess));
        }
    }
}
