using System.Collections.Immutable;
using Midflight.Host.Control;

namespace Midflight.Host.Evaluation;

/// <summary>Opens a shell. It is closed when the client goes away.</summary>
internal sealed record OpenRequest : IControlRequest<OpenReply>
{
    public static string Method => "shell.open";

    public static bool Changes => true;
}

/// <param name="Shell">Its number, for the requests that follow.</param>
internal sealed record OpenReply(long Shell);

/// <summary>Asks which code a node runs now, to compile against it.</summary>
/// <param name="Known">Identities (<see cref="CodeImage.Identity"/>) of what the client has already; their content is left out.</param>
internal sealed record ImagesRequest(ImmutableArray<string> Known) : IControlRequest<ImagesReply>
{
    public static string Method => "shell.images";
}

/// <param name="Stamp">Names this set of code; another set, another stamp.</param>
/// <param name="Images">All assemblies that code in the node may use.</param>
internal sealed record ImagesReply(string Stamp, ImmutableArray<CodeImage> Images);

/// <summary>An assembly of the node.</summary>
/// <param name="Name">Its simple name.</param>
/// <param name="Identity">Tells two builds of it apart.</param>
/// <param name="Path">Its file, where it has one; null for hot code, whose file may be another by now.</param>
/// <param name="Application">The hot application that it belongs to; null if to none.</param>
/// <param name="Metadata">Its metadata, where it has no file and the client does not know it yet.</param>
internal sealed record CodeImage(string Name, string Identity, string? Path, string? Application, byte[]? Metadata);

/// <summary>Runs what was typed, compiled, in the shell's process.</summary>
/// <param name="Shell">The shell's number, as <see cref="OpenReply"/> gave it.</param>
/// <param name="Stamp">The code that it was compiled against.</param>
/// <param name="Name">Name of its assembly and of the class in it.</param>
/// <param name="Image">The assembly.</param>
/// <param name="HasValue">Whether its value is to be printed; a statement has none.</param>
/// <param name="Carried">Null to go on. Else a new chain of submissions begins with this one, which takes these variables over from the chain before.</param>
internal sealed record RunRequest(
    long Shell, string Stamp, string Name, byte[] Image, bool HasValue, ImmutableArray<CarriedVariable>? Carried) : IControlRequest<RunReply>
{
    public static string Method => "shell.run";

    public static bool Changes => true;
}

/// <param name="Name">The variable.</param>
/// <param name="Submission">The submission that declares it.</param>
internal sealed record CarriedVariable(string Name, string Submission);

/// <param name="Outcome">What became of it.</param>
/// <param name="Value">The value, printed; null where there is none.</param>
/// <param name="Failure">The exception, printed; null where there is none.</param>
/// <param name="Lost">Variables which could not be taken over, with the reason. Then the shell goes on with the chain that it had.</param>
internal sealed record RunReply(RunOutcome Outcome, string? Value, string? Failure, ImmutableDictionary<string, string> Lost);

/// <summary>What became of a submission.</summary>
internal enum RunOutcome
{
    /// <summary>It ran to its end.</summary>
    Done,

    /// <summary>It threw, or its process ended.</summary>
    Failed,

    /// <summary>The node's code is no longer that which it was compiled against; it did not run.</summary>
    Stale,
}

/// <summary>Loads a compiled file as an application of its own and makes it current.</summary>
/// <param name="Application">Its name, that of the file.</param>
/// <param name="Image">The assembly.</param>
/// <param name="Symbols">Its debug symbols.</param>
/// <param name="Moves">Whether its servers are suspended meanwhile, and change their code before they go on.</param>
internal sealed record LoadRequest(string Application, byte[] Image, byte[] Symbols, bool Moves) : IControlRequest<LoadReply>
{
    public static string Method => "shell.load";

    public static bool Changes => true;
}

/// <param name="Refusal">Why nothing was loaded; null if it was.</param>
/// <param name="Modules">The modules of the new version.</param>
/// <param name="Notes">What happened besides: who was killed, which server did not change its code.</param>
/// <param name="Moved">How many servers changed their code.</param>
internal sealed record LoadReply(string? Refusal, ImmutableArray<string> Modules, ImmutableArray<string> Notes, int Moved);

/// <summary>Stops what a shell is running, by killing its process; variables stay.</summary>
internal sealed record BreakRequest(long Shell) : IControlRequest<DoneReply>
{
    public static string Method => "shell.break";
}

/// <summary>Ends a shell.</summary>
internal sealed record CloseRequest(long Shell) : IControlRequest<DoneReply>
{
    public static string Method => "shell.close";
}

/// <summary>It was done.</summary>
internal sealed record DoneReply;
