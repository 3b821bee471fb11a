using System.Globalization;
using System.Text.RegularExpressions;
using Midflight.Host;
using Midflight.Host.Tests;

namespace Midflight.Cases;

/// <summary>A folder with versions of an application (<c>v1.cs</c>, <c>v2.cs</c>, …) and <c>steps</c>, a line each.</summary>
/// <remarks>
/// <para>
/// <c>start N</c>, <c>install N</c>, <c>check N</c>; <c>call X</c>: the function <c>Drive.X</c> of the current version; <c>advance MS</c>: the node's clock;
/// <c>sleep MS</c>: real time. A file <c>whole</c> says that applications start, and do not only have their code loaded.
/// </para>
/// <para>
/// Behind a colon stands what has to come of a step: what the function returns, or <c>failed</c>; <c>done</c>, <c>refused</c> or <c>rolled back</c>; several joined
/// by <c>or</c>; and <c>, naming X</c> where the answer has to contain X.
/// </para>
/// </remarks>
internal sealed partial record StepCase(string Name, string Folder) : Trial(Name)
{
    private const string Naming = ", naming ";

    /// <inheritdoc/>
    public override async Task<CaseOutcome> Run()
    {
        var told = new List<string>();
        var isAsked = false;

        try
        {
            await using var folder = new ReleaseFolder { IsWhole = File.Exists(Path.Combine(Folder, "whole")) };
            var steps = File.ReadAllLines(Path.Combine(Folder, "steps")).Where(line => line.Length > 0).Select(Step.Of).ToList();
            isAsked = steps.Any(step => step.Expect is not null);
            await folder.Start(steps[0].Argument, ("demo", Source(steps[0].Argument)));

            foreach (var version in Directory.EnumerateFiles(Folder, "v*.cs").Select(file => Path.GetFileNameWithoutExtension(file)[1..]).Where(version => version != steps[0].Argument))
            {
                folder.Package(version, ("demo", Source(version)));
            }

            CaseOutcome? wrong = null;

            await folder.Node.Run(async () =>
            {
                foreach (var step in steps.Skip(1))
                {
                    var (outcome, text) = await Carry(folder, step);
                    told.Add($"{step.Verb} {step.Argument}: {Shorter(outcome)}{(text.Length > 0 ? $" ({Shorter(text)})" : "")}");

                    if (step.Expect is { } expect && !Fits(expect, outcome, $"{outcome} {text}"))
                    {
                        var kind = outcome == "refused" ? OutcomeKind.Refused : OutcomeKind.Wrong;
                        wrong = new(Name, kind, $"{step.Verb} {step.Argument} was to be: {expect}; but {string.Join("; ", told)}");
                        return;
                    }
                }
            });

            return wrong ?? new(Name, isAsked ? OutcomeKind.Right : OutcomeKind.Told, string.Join("; ", told));
        }
        // It is the report of the case, whatever it is.
        catch (Exception exception)
        {
            return new(Name, OutcomeKind.Wrong, $"{string.Join("; ", told)}; {exception.GetType().Name}: {exception.Message}");
        }
    }

    private string Source(string version) => File.ReadAllText(Path.Combine(Folder, $"v{version}.cs"));

    private static async Task<(string Outcome, string Text)> Carry(ReleaseFolder folder, Step step)
    {
        try
        {
            switch (step.Verb)
            {
                case "install":
                    using (new RunningClock(folder.Node.Time))
                    {
                        return ("done", string.Join(' ', (await folder.Handler.Install(step.Argument, InstallSettings.Default)).Notes));
                    }

                case "check":
                    return ("done", string.Join(' ', (await folder.Handler.Check(step.Argument)).Notes));
                case "call":
                    return (await (Task<string>)Hot.Call(folder.Node, "Drive", step.Argument)!, "");
                case "advance":
                    folder.Node.Time.Advance(Milliseconds(step));
                    return ("ok", "");
                case "sleep":
                    await Task.Delay(Milliseconds(step));
                    return ("ok", "");
                default:
                    throw new InvalidDataException($"There is no step `{step.Verb}`.");
            }
        }
        catch (ReleaseRefusedException refused)
        {
            return ("refused", refused.Message);
        }
        catch (UpgradeFailedException failed)
        {
            return ("rolled back", failed.Message);
        }
        catch (Exception exception) when (step.Verb == "call")
        {
            return ("failed", exception.Message);
        }
    }

    private static TimeSpan Milliseconds(Step step) => TimeSpan.FromMilliseconds(int.Parse(step.Argument, CultureInfo.InvariantCulture));

    private static bool Fits(string expect, string outcome, string text)
    {
        var (answers, naming) = expect.IndexOf(Naming, StringComparison.Ordinal) is var at and >= 0 ? (expect[..at], expect[(at + Naming.Length)..]) : (expect, "");
        return (answers == outcome || answers.Split(" or ").Contains(outcome)) && text.Contains(naming, StringComparison.Ordinal);
    }

    private static string Shorter(string text) => text.Length > 300 ? text[..300] + "…" : text;

    private sealed partial record Step(string Verb, string Argument, string? Expect)
    {
        public static Step Of(string line)
        {
            var match = Line().Match(line);
            return match.Success
                ? new(match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Success ? match.Groups[3].Value : null)
                : throw new InvalidDataException($"`{line}` is no step. Write `VERB ARGUMENT` or `VERB ARGUMENT: EXPECTED`.");
        }

        [GeneratedRegex(@"^(\S+) ([^\s:]+)(?:: (.*))?$")]
        private static partial Regex Line();
    }
}
