namespace Midflight.Host.Evaluation;

/// <summary>Names that the compiler on the client and the node that runs its output have agreed on.</summary>
internal static class ShellNames
{
    /// <summary>The prefix of the names of the class and the assembly that hold what was typed.</summary>
    internal const string SubmissionPrefix = "Submission#";

    /// <summary>The name that a script compilation gives to the method that runs it: it takes the earlier submissions and returns the value.</summary>
    internal const string Factory = "<Factory>";
}
