namespace Midflight.Host.Evaluation;

/// <summary>Names that the compiler on the client and the node that runs its output agree upon.</summary>
internal static class ShellNames
{
    /// <summary>Begins the name of the class and of the assembly which holds what was typed.</summary>
    internal const string SubmissionPrefix = "Submission#";

    /// <summary>What a script compilation calls the method that runs it: given the earlier submissions, it gives its value.</summary>
    internal const string Factory = "<Factory>";
}
