using System.Text.Json;

namespace Midflight.Cases;

/// <summary>The process in which cases run. It says on its output what came of each: a case may end the process.</summary>
internal static class CaseChild
{
    /// <summary>Stands before each line of the child that is for the parent.</summary>
    public const string Mark = "\u0001";

    /// <summary>Carries the cases from one number up to another out.</summary>
    public static async Task<int> Run(IReadOnlyList<string> names, int first, int end)
    {
        EndWithTheParent();

        foreach (var trial in CaseFiles.Read(names).Take(first..end))
        {
            Console.WriteLine(Mark + JsonSerializer.Serialize(await trial.Run()));
            Console.Out.Flush();
        }

        return 0;
    }

    // Its input ends when the parent does.
    private static void EndWithTheParent() => new Thread(() =>
    {
        while (Console.In.Read() >= 0)
        {
        }

        Environment.Exit(1);
    })
    { IsBackground = true }.Start();
}
