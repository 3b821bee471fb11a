using System.Text.Json;

namespace Midflight.Cases;

/// <summary>The process in which cases run. It says on its output which one begins, and what came of it: a case may end the process.</summary>
internal static class CaseChild
{
    /// <summary>Stands before each line of the child that is for the parent.</summary>
    public const string Mark = "\u0001";

    /// <summary>Carries cases out, beginning with one of a number.</summary>
    public static async Task<int> Run(IReadOnlyList<string> names, int first)
    {
        foreach (var @case in CaseFiles.Read(names).Skip(first))
        {
            Tell("begins", null);
            Tell("ended", await CaseRun.Of(@case));
        }

        return 0;
    }

    private static void Tell(string what, CaseOutcome? outcome)
    {
        Console.WriteLine(Mark + JsonSerializer.Serialize(new Line(what, outcome)));
        Console.Out.Flush();
    }

    /// <summary>A line of the child.</summary>
    internal sealed record Line(string What, CaseOutcome? Outcome);
}
