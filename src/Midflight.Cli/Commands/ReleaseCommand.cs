using System.CommandLine;
using System.Globalization;
using Midflight.Cli.Builds;

namespace Midflight.Cli.Commands;

/// <summary><c>midflight release</c>: a release and its package, from C# projects.</summary>
internal static class ReleaseCommand
{
    public static Command Create()
    {
        var project = new Argument<string>("PROJECT")
        {
            Description = "A C# project: its file or its folder. Default: the project in this folder.",
            DefaultValueFactory = _ => ".",
        };
        var output = new Option<string?>("--output", "-o")
        {
            Description = "The folder for the release. The package NAME-VERSION.tar.gz is written into it. Default: bin/midflight beside the project.",
            HelpName = "DIR",
        };
        var from = new Option<string?>("--from")
        {
            Description = "Plan the upgrade from this release (a folder or a .tar.gz) and fail if it cannot be hot. Default: the committed release in the output folder, if there is one.",
            HelpName = "EARLIER",
        };
        var version = new Option<string?>("--version") { Description = "The version of the release. Default: that of the project.", HelpName = "VERSION" };
        var noShell = new Option<bool>("--no-shell") { Description = "Leave out the shell and its compiler: no `remote`, no `eval`." };
        var includeRuntime = new Option<bool>("--include-runtime") { Description = "Put .NET itself into the release." };
        var sign = new Option<string[]>("--sign")
        {
            Description = "Sign the release with this private key (ECDSA, PEM). Give it twice to sign with two keys while one replaces the other.",
            HelpName = "KEY",
        };
        var allowIncomplete = PlanCommand.AllowIncompleteOption();
        var restart = Verb.RestartOption();
        return Verb.Create(
            "release", "Build a release and its package from C# projects.",
            async (result, cancellation) =>
            {
                var request = new BuildRequest(
                    result.GetRequiredValue(project), result.GetValue(output), result.GetValue(from),
                    result.GetValue(includeRuntime), result.GetValue(allowIncomplete), result.GetValue(restart))
                {
                    Version = result.GetValue(version),
                    Shell = !result.GetValue(noShell),
                    Keys = result.GetValue(sign) ?? [],
                };
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
                if (built.IsPackageOnly)
                {
                    Output.Line($"A node runs in {built.Folder}, so only the package was written. Upgrade the node with `{Path.Combine(built.Folder, "bin", built.Manifest.Name)} upgrade {built.Manifest.Version}`.");
                }

                return 0;
            },
            project, output, from, version, includeRuntime, noShell, allowIncomplete, restart, sign);
    }
}
