using System.Collections.Immutable;
using System.Text.Json;

namespace Midflight.Releases;

/// <summary>An instruction of a relup: what a node does.</summary>
public abstract record LowLevel : Instruction
{
    private LowLevel() { }

    /// <summary>Reads code of an application into memory; nothing runs it yet.</summary>
    /// <param name="Application">Name of the application.</param>
    /// <param name="Version">The version of the application that the code is taken from.</param>
    /// <param name="Modules">The modules whose code is read.</param>
    public sealed record LoadObjectCode(string Application, string Version, ImmutableArray<string> Modules) : LowLevel;

    /// <summary>Before it only reading is allowed; after it the running code changes.</summary>
    public sealed record PointOfNoReturn : LowLevel;

    /// <summary>Makes code that was read the current code of a module.</summary>
    /// <param name="Module">Full name of the module.</param>
    /// <param name="PrePurge">What happens to processes in old code before.</param>
    /// <param name="PostPurge">What happens to processes in old code once the release is made permanent.</param>
    public sealed record Load(
        string Module, PurgeMethod PrePurge = PurgeMethod.Brutal, PurgeMethod PostPurge = PurgeMethod.Brutal) : LowLevel;

    /// <summary>Makes the current code of a module old, with none in its place.</summary>
    /// <param name="Module">Full name of the module.</param>
    /// <param name="PrePurge">What happens to processes in old code before.</param>
    /// <param name="PostPurge">What happens to processes in old code once the release is made permanent.</param>
    public sealed record Remove(
        string Module, PurgeMethod PrePurge = PurgeMethod.Brutal, PurgeMethod PostPurge = PurgeMethod.Brutal) : LowLevel;

    /// <summary>Ends the processes that run old code of the modules, and drops that code.</summary>
    /// <param name="Modules">Full names of the modules.</param>
    public sealed record Purge(ImmutableArray<string> Modules) : LowLevel;

    /// <summary>Suspends every process that runs one of the modules.</summary>
    /// <param name="Modules">The modules in order, each with its time-out.</param>
    public sealed record Suspend(ImmutableArray<SuspendedModule> Modules) : LowLevel;

    /// <summary>Resumes the processes that were suspended for the modules.</summary>
    /// <param name="Modules">Full names of the modules, in order.</param>
    public sealed record Resume(ImmutableArray<string> Modules) : LowLevel;

    /// <summary>Lets suspended processes change their state to the other version.</summary>
    /// <param name="Mode">The direction; null (an old form of the instruction) means up.</param>
    /// <param name="Modules">The modules in order, each with the argument of its code change.</param>
    public sealed record CodeChange(ChangeMode? Mode, ImmutableArray<ModuleExtra> Modules) : LowLevel;

    /// <summary>Stops the processes of the modules through their supervisors.</summary>
    /// <param name="Modules">Full names of the modules.</param>
    public sealed record Stop(ImmutableArray<string> Modules) : LowLevel;

    /// <summary>Starts the processes that were stopped for the modules.</summary>
    /// <param name="Modules">Full names of the modules.</param>
    public sealed record Start(ImmutableArray<string> Modules) : LowLevel;

    /// <summary>Meets other nodes: continues when each of them is at the same point.</summary>
    /// <param name="Id">Names the meeting.</param>
    /// <param name="Nodes">The nodes.</param>
    public sealed record SyncNodes(JsonElement Id, SyncedNodes Nodes) : LowLevel;

    /// <summary>Calls a function. If it throws, the script fails; its result does not matter.</summary>
    /// <param name="Call">The function and its arguments.</param>
    public sealed record Apply(FunctionCall Call) : LowLevel;

    /// <summary>
    /// Restarts the node with its present applications on the runtime of the target release, and continues with the rest of the
    /// script. The first step of a script; as the last step it means <see cref="RestartEmulator"/>.
    /// </summary>
    public sealed record RestartNewEmulator : LowLevel;

    /// <summary>Restarts the node on the target release. The last step of a script.</summary>
    public sealed record RestartEmulator : LowLevel;

    /// <summary>
    /// An instruction that every check of OTP's translator accepts and that no node of OTP or of Midflight carries out:
    /// <c>restart</c> or <c>reboot</c>. A node refuses a script with it before anything changes.
    /// </summary>
    /// <param name="Name">Which of the two.</param>
    public sealed record Passed(string Name) : LowLevel;
}
