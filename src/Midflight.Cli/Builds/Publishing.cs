using System.Diagnostics;
using OsProcess = System.Diagnostics.Process;
using System.Text.Json;
using Midflight.Releases.Builds;

namespace Midflight.Cli.Builds;

/// <summary>Builds a project with .NET's own tools.</summary>
internal static class Publishing
{
    private static readonly string s_targets = Path.Combine(AppContext.BaseDirectory, "release.targets");

    /// <summary>Builds and publishes a project.</summary>
    /// <param name="project">The project file.</param>
    /// <param name="folder">An empty folder for the output.</param>
    /// <param name="more">Further arguments for `dotnet publish`: properties, of which later ones win.</param>
    /// <param name="cancellation">Ends the build.</param>
    /// <exception cref="Failure">It does not compile; the message contains the compiler's output.</exception>
    public static async Task<Published> Run(string project, string folder, IEnumerable<string> more, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var output = Path.Combine(folder, "out");
        var start = new ProcessStartInfo(Dotnet.Command)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(project)!,
        };
        // Otherwise variables of the tool itself would be taken for the project's.
        start.Environment.Remove("MSBuildSDKsPath");
        string[] arguments =
        [
            "publish", project, "-p:Configuration=Release", "--output", output, "--nologo", "--verbosity", "quiet",
            "-p:UseAppHost=false", "-p:SelfContained=false", "-p:PublishReadyToRun=false", "-p:PublishTrimmed=false",
            "-p:PublishSingleFile=false", "-p:GenerateRuntimeConfigurationFiles=true", "-p:GenerateDependencyFile=true",
            $"-p:CustomAfterMicrosoftCommonTargets={s_targets}", "-getProperty:AssemblyName", "-getProperty:TargetFramework",
        ];
        foreach (var argument in arguments.Concat(more))
        {
            start.ArgumentList.Add(argument);
        }

        using var turn = await BuildTurn.Take(TimeProvider.System, cancellation);
        using var dotnet = OsProcess.Start(start) ?? throw new Failure($"{start.FileName} cannot be started. Install the .NET SDK.");
        var answer = dotnet.StandardOutput.ReadToEndAsync(cancellation);
        var complaint = dotnet.StandardError.ReadToEndAsync(cancellation);
        await dotnet.WaitForExitAsync(cancellation);
        if (dotnet.ExitCode != 0)
        {
            throw new Failure($"{project} cannot be built:{Environment.NewLine}{(await answer + await complaint).Trim()}");
        }

        return new(output, AssemblyName(project, await answer), Path.GetDirectoryName(project)!);
    }

    private static string AssemblyName(string project, string answer)
    {
        // Warnings come before the object.
        var json = answer.IndexOf('{', StringComparison.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(json < 0 ? "{}" : answer[json..]);
            return document.RootElement.GetProperty("Properties").GetProperty("AssemblyName").GetString()!;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException)
        {
            throw new Failure($"`dotnet publish` of {project} did not name the assembly that it made. It said: {answer.Trim()}");
        }
    }
}
