using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Why instructions do not make a script.</summary>
public abstract record ScriptProblem
{
    private ScriptProblem() { }

    /// <summary>An instruction is malformed.</summary>
    /// <param name="Instruction">The instruction and what is wrong with it.</param>
    public sealed record Malformed(Instruction.Malformed Instruction) : ScriptProblem;

    /// <summary>An instruction that changes the running code comes before the point of no return.</summary>
    /// <param name="Instruction">The instruction.</param>
    public sealed record BeforePointOfNoReturn(Instruction Instruction) : ScriptProblem;

    /// <summary>One appup entry has two points of no return.</summary>
    public sealed record TwoPointsOfNoReturn : ScriptProblem;

    /// <summary>A module is loaded whose code was not read.</summary>
    /// <param name="Module">The module.</param>
    public sealed record NoObjectCode(string Module) : ScriptProblem;

    /// <summary>Modules are suspended but never resumed.</summary>
    /// <param name="Modules">The modules.</param>
    public sealed record NotResumed(ImmutableArray<string> Modules) : ScriptProblem;

    /// <summary>Modules are resumed that were not suspended.</summary>
    /// <param name="Modules">The modules.</param>
    public sealed record NotSuspended(ImmutableArray<string> Modules) : ScriptProblem;

    /// <summary>Modules are started that were not stopped.</summary>
    /// <param name="Modules">The modules.</param>
    public sealed record NotStopped(ImmutableArray<string> Modules) : ScriptProblem;

    /// <summary>Modules are stopped but never started.</summary>
    /// <param name="Modules">The modules.</param>
    public sealed record NotStarted(ImmutableArray<string> Modules) : ScriptProblem;

    /// <summary>An application is added, removed or restarted that the release does not have.</summary>
    /// <param name="Application">The application.</param>
    public sealed record NoSuchApplication(string Application) : ScriptProblem;

    /// <summary>An application is removed that the target release still has.</summary>
    /// <param name="Application">The application.</param>
    public sealed record RemovedApplicationPresent(string Application) : ScriptProblem;

    /// <summary>A module depends on one that no instruction names.</summary>
    /// <param name="Module">The module that no instruction names.</param>
    /// <param name="Dependent">The module that depends on it.</param>
    public sealed record UndefinedModule(string Module, string Dependent) : ScriptProblem;

    /// <summary>Two instructions change the same module.</summary>
    /// <param name="Module">The module.</param>
    public sealed record ModuleTwice(string Module) : ScriptProblem;

    /// <summary>A module is loaded that no application of the target release has.</summary>
    /// <param name="Module">The module.</param>
    public sealed record NoSuchModule(string Module) : ScriptProblem;

    /// <summary>Code of one application is read from two versions.</summary>
    /// <param name="Application">The application.</param>
    /// <param name="Version">One version.</param>
    /// <param name="Other">The other.</param>
    public sealed record ConflictingVersions(string Application, string Version, string Other) : ScriptProblem;

    /// <summary>The complete message for a person, ending with what to do.</summary>
    public sealed override string ToString() => this switch
    {
        Malformed(var malformed) => malformed.Error.ToString(),
        BeforePointOfNoReturn(var instruction) =>
            $"{instruction} comes before point_of_no_return, where only load_object_code and apply are allowed. Move it after.",
        TwoPointsOfNoReturn => "An appup entry has point_of_no_return twice. Remove one.",
        NoObjectCode(var module) =>
            $"{module} is loaded, but no load_object_code reads it. Add one, or write load_module instead of load.",
        NotResumed(var modules) => $"{Names(modules)} suspended and never resumed. Add a resume.",
        NotSuspended(var modules) => $"{Names(modules)} resumed but not suspended. Add a suspend before it, or remove the resume.",
        NotStopped(var modules) => $"{Names(modules)} started but not stopped. Add a stop before it, or remove the start.",
        NotStarted(var modules) => $"{Names(modules)} stopped and never started. Add a start.",
        NoSuchApplication(var application) => $"The release has no application {application}. Add it to the release, or remove the instruction.",
        RemovedApplicationPresent(var application) =>
            $"{application} is removed, but the target release has it. Remove the remove_application, or take {application} out of that release.",
        UndefinedModule(var module, var dependent) =>
            $"{dependent} depends on {module}, for which there is no instruction. Add one, or take {module} out of its dependencies.",
        ModuleTwice(var module) => $"Two instructions change {module}. Keep one of them.",
        NoSuchModule(var module) =>
            $"No application of the target release has the module {module}. Add it to the modules of its application.",
        ConflictingVersions(var application, var version, var other) =>
            $"The code of {application} is read from both {version} and {other}. Use one version.",
        _ => throw new InvalidOperationException($"No sentence for {GetType().Name}."),
    };

    private static string Names(ImmutableArray<string> modules) =>
        string.Join(", ", modules) + (modules.Length == 1 ? " is" : " are");
}
