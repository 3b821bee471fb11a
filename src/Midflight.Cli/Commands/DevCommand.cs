using System.CommandLine;
using System.Runtime.InteropServices;
using Midflight.Cli.Builds;
using Midflight.Cli.Development;

namespace Midflight.Cli.Commands;

/// <summary><c>midflight dev</c>: a project as a node that picks up what is saved.</summary>
internal static class DevCommand
{
    public static Command Create()
    {
        var project = new Argument<string>("PROJECT")
        {
            Description = "A C# project: its file or its folder. Default: the project in this folder.",
            DefaultValueFactory = _ => ".",
        };
        return Verb.Create(
            "dev", "Run a project as a node. When you save a file, its running processes move to the new code.",
            async (result, cancellation) =>
            {
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
                using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
                return await new DevSession(ProjectFile.Find(result.GetRequiredValue(project)), text => Output.Line($"midflight: {text}")).Run(stop.Token);

                // The node is told to stop, and this ends with it.
                void Stop(PosixSignalContext context)
                {
                    context.Cancel = true;
                    stop.Cancel();
                }
            },
            project);
    }
}
