using System.Text.Json;

namespace Midflight.Histories;

/// <summary>The process in which the pairs of one step are tried; a line of its output for each.</summary>
internal static class StepChild
{
    /// <summary>Stands before each line for the parent.</summary>
    public const string Mark = "\u0001";

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(60);

    /// <summary>Tries the pairs from one of a number on.</summary>
    public static int Run(Step step, int first)
    {
        new Thread(EndWithTheParent) { IsBackground = true }.Start();
        var versions = new StepVersions(step);
        var names = ChangedTypes.Of(versions);
        Console.WriteLine($"{Mark}{names.Count}");

        foreach (var name in names.Skip(first))
        {
            Console.WriteLine(Mark + JsonSerializer.Serialize(name));
            PairOutcome? outcome = null;
            var trial = new Thread(() => outcome = Pair.Try(versions, name), 16 << 20) { IsBackground = true };
            trial.Start();
            outcome = trial.Join(s_longest) ? outcome : new(step.ToString(), name, false, PairKind.Ended, $"did not end within {s_longest.TotalSeconds} s");
            Console.WriteLine(Mark + JsonSerializer.Serialize(outcome));
        }

        return 0;
    }

    private static void EndWithTheParent()
    {
        while (Console.In.Read() >= 0)
        {
        }

        Environment.Exit(1);
    }
}
