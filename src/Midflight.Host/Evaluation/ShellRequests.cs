using System.Collections.Immutable;
using Midflight.Host.Control;

namespace Midflight.Host.Evaluation;

/// <summary>Opens a shell. It closes when the client disconnects.</summary>
internal sealed record OpenRequest : IControlRequest<OpenReply>
{
    public static string Method => "shell.open";

    public static bool Changes => true;
}

/// <param name="Shell">Its number, for later requests.</param>
internal sealed record OpenReply(long Shell);

/// <summary>Asks which code a node is running, to compile against it.</summary>
/// <param name="Known">Identities (<see cref="CodeImage.Identity"/>) of the assemblies that the client already has; their content is left out.</param>
internal sealed record ImagesRequest(ImmutableArray<string> Known) : IControlRequest<ImagesReply>
{
    public static string Method => "shell.images";
}

/// <param name="Stamp">Identifies this set of code. A different set has a different stamp.</param>
/// <param name="Images">All assemblies that code in the node may use.</param>
internal sealed record ImagesReply(string Stamp, ImmutableArray<CodeImage> Images);

/// <summary>An assembly of the node.</summary>
/// <param name="Name">Its simple name.</param>
/// <param name="Identity">Distinguishes two builds of it.</param>
/// <param name="Path">Its file, if it has one; null for hot code, whose file may have changed.</param>
/// <param name="Application">The hot application that it belongs to; null if there is none.</param>
/// <param name="Metadata">Its metadata, if it has no file and the client does not know it yet.</param>
internal sealed record CodeImage(string Name, string Identity, string? Path, string? Application, byte[]? Metadata);

/// <summary>Runs compiled input in the shell's process.</summary>
/// <param name="Shell">The shell's number from <see cref="OpenReply"/>.</param>
/// <param name="Stamp">The code that the input was compiled against.</param>
/// <param name="Name">Name of its assembly and of the class in it.</param>
/// <param name="Image">The assembly.</param>
/// <param name="HasValue">Whether to print its value; a statement has none.</param>
/// <param name="Carried">Null to continue the chain. Otherwise this submission starts a new chain, which takes these variables over from the previous one.</param>
internal sealed record RunRequest(
    long Shell, string Stamp, string Name, byte[] Image, bool HasValue, ImmutableArray<CarriedVariable>? Carried) : IControlRequest<RunReply>
{
    public static string Method => "shell.run";

    public static bool Changes => true;
}

/// <param name="Name">The variable.</param>
/// <param name="Submission">The submission that declares it.</param>
internal sealed record CarriedVariable(string Name, string Submission);

/// <param name="Outcome">How it ended.</param>
/// <param name="Value">The printed value; null if there is none.</param>
/// <param name="Failure">The printed exception; null if there is none.</param>
/// <param name="Lost">Variables that could not be carried over, with the reason. The shell then stays with its old chain.</param>
internal sealed record RunReply(RunOutcome Outcome, string? Value, string? Failure, ImmutableDictionary<string, string> Lost);

/// <summary>How a submission ended.</summary>
internal enum RunOutcome
{
    /// <summary>It ran to its end.</summary>
    Done,

    /// <summary>It threw, or its process ended.</summary>
    Failed,

    /// <summary>The node's code has changed since the input was compiled, so it did not run.</summary>
    Stale,
}

/// <summary>Loads a compiled file as an application of its own and makes it current.</summary>
/// <param name="Application">The application's name, from the file name.</param>
/// <param name="Image">The assembly.</param>
/// <param name="Symbols">Its debug symbols.</param>
/// <param name="Moves">Whether to suspend its servers meanwhile, and change their code before they resume.</param>
internal sealed record LoadRequest(string Application, byte[] Image, byte[] Symbols, bool Moves) : IControlRequest<LoadReply>
{
    public static string Method => "shell.load";

    public static bool Changes => true;
}

/// <param name="Refusal">Why nothing was loaded; null if it was.</param>
/// <param name="Modules">The modules of the new version.</param>
/// <param name="Notes">What else happened: which processes were killed, which server did not change its code.</param>
/// <param name="Moved">How many servers changed their code.</param>
internal sealed record LoadReply(string? Refusal, ImmutableArray<string> Modules, ImmutableArray<string> Notes, int Moved);

/// <summary>Stops what a shell is running by killing its process. Variables are kept.</summary>
internal sealed record BreakRequest(long Shell) : IControlRequest<DoneReply>
{
    public static string Method => "shell.break";
}

/// <summary>Closes a shell.</summary>
internal sealed record CloseRequest(long Shell) : IControlRequest<DoneReply>
{
    public static string Method => "shell.close";
}

/// <summary>The request was carried out.</summary>
internal sealed record DoneReply;
