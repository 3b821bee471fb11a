using System.CommandLine;
using System.Globalization;
using Midflight.Cli.Builds;

namespace Midflight.Cli.Commands;

/// <summary><c>midflight release</c>: a release and its package, from C# projects.</summary>
internal static class ReleaseCommand
{
    public static Command Create()
    {
        var project = new Argument<string>("PROJECT") { Description = "A C# project: its file or its folder." };
        var output = new Option<string>("--output", "-o")
        {
            Description = "The folder of the release. The package is written into it as NAME-VERSION.tar.gz.",
            HelpName = "DIR",
            Required = true,
        };
        var from = new Option<string?>("--from")
        {
            Description = "Plan the upgrade from this release, a folder or a .tar.gz; fail if it cannot be hot.",
            HelpName = "EARLIER",
        };
        var includeRuntime = new Option<bool>("--include-runtime") { Description = "Put .NET itself into the release." };
        var allowIncomplete = PlanCommand.AllowIncompleteOption();
        var restart = Verb.RestartOption();
        return Verb.Create(
            "release", "Build a release and its package from C# projects.",
            async (result, cancellation) =>
            {
                var request = new BuildRequest(
                    result.GetRequiredValue(project), result.GetRequiredValue(output), result.GetValue(from),
                    result.GetValue(includeRuntime), result.GetValue(allowIncomplete), result.GetValue(restart));
                var built = await new ReleaseBuild(request, Output.Line).Run(cancellation);
                foreach (var change in built.Plan?.Changes ?? [])
                {
                    Output.Line(PlanText.Line(change.Change, change.Name ?? change.Application, change.Reason));
                }

                foreach (var note in built.Notes)
                {
                    Output.Line($"note: {note}");
                }

                if (built.Plan is { } plan)
                {
                    Output.Line($"{plan.From} to {plan.To}: {plan.VerdictText}");
                }

                Output.Line(string.Create(CultureInfo.InvariantCulture,
                    $"{built.Manifest.Name} {built.Manifest.Version}: {built.Folder}, package {built.Package} ({new FileInfo(built.Package).Length / 1_000_000.0:0.0} MB)"));
                return 0;
            },
            project, output, from, includeRuntime, allowIncomplete, restart);
    }
}
