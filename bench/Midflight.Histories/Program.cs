using Midflight.Histories;

// `Midflight.Histories [PACKAGES]` measures the packages of a file, a line each: `ID VERSION VERSION …`, the oldest version first. With `--list` it names each pair.
// `Midflight.Histories --child STEP FIRST` is a process in which the pairs of one step are tried, beginning with one of a number.
if (args is ["--child", var step, var first])
{
    return StepChild.Run(Step.Parse(step), int.Parse(first, System.Globalization.CultureInfo.InvariantCulture));
}

var isLong = args.Contains("--list");
var file = args.FirstOrDefault(arg => arg != "--list") ?? Path.Combine(AppContext.BaseDirectory, "packages.txt");
var steps = await Packages.Restore(file);
var outcomes = new List<PairOutcome>();

foreach (var one in steps)
{
    outcomes.AddRange(await StepRunner.Run(one));
    Console.Error.WriteLine($"{one}: {outcomes.Count} pairs so far");
}

Report.Print(outcomes, isLong);
return outcomes.Any(outcome => outcome.Kind is PairKind.Lost or PairKind.Ended) ? 1 : 0;
