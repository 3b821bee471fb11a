using System.Diagnostics;
using System.Globalization;
using Midflight.Cli.Builds;
using Midflight.Host.Control;
using Midflight.Host.Control.Requests;
using Midflight.Releases.Builds;
using Midflight.Releases.Packages;

namespace Midflight.Cli.Development;

/// <summary>A project that runs as a node and picks up what is saved.</summary>
/// <param name="project">The project file.</param>
/// <param name="say">Prints a line for a person.</param>
internal sealed class DevSession(string project, Action<string> say)
{
    private readonly string _folder = Path.Combine(Path.GetDirectoryName(project)!, "obj", "midflight");

    /// <summary>Runs until the node ends or <paramref name="stop"/> is asked for.</summary>
    /// <returns>The exit code of the node.</returns>
    /// <exception cref="Failure">The project cannot be built, or the node does not start.</exception>
    public async Task<int> Run(CancellationToken stop)
    {
        Directory.CreateDirectory(_folder);
        var layout = new ReleaseLayout(Path.Combine(_folder, "node"));
        await DevNode.Clear(layout, stop);
        var (published, solution) = await Build(stop);
        var releases = DevReleases.Begin(layout.Root, published);
        await using var node = await DevNode.Start(new(layout, releases.Name), stop);
        say($"{releases.Name} is running and picks up what you save. Press Ctrl+C to stop it.");
        using var watch = new FileWatch([.. solution.Projects.Select(one => one.Folder).Append(Path.GetDirectoryName(project)!).Distinct().Where(IsOutermost)]);
        watch.Begin();

        // Files that were saved while the node started.
        var files = solution.Projects.SelectMany(one => one.Sources).ToHashSet();

        try
        {
            while (true)
            {
                var began = Stopwatch.GetTimestamp();

                if (files.Any(IsOfBuild) || files.Any(file => IsNewSource(file, solution)))
                {
                    say("the project has changed: rebuilding it");
                    solution = await Rebuild(stop) ?? solution;
                    await Follow(solution, releases, node, began, stop);
                }
                else if (solution.Read(files) || files.Any(IsConfiguration))
                {
                    await Follow(solution, releases, node, began, stop);
                }

                var next = watch.Next(stop);

                if (await Task.WhenAny(next, node.Ended) != next)
                {
                    return await node.Ended;
                }

                files = await next;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }

        bool IsOutermost(string folder) => !solution.Projects.Any(other => folder.StartsWith(other.Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal));
    }

    private async Task<(Published, WarmSolution)> Build(CancellationToken stop)
    {
        var inputs = Path.Combine(_folder, "inputs");
        Folders.Clear(inputs);
        Folders.Clear(Path.Combine(_folder, "build"));
        say($"building {Path.GetFileName(project)}");
        var published = await Publishing.Run(
            project, Path.Combine(_folder, "build"), ["-p:Configuration=Debug", "-p:ProvideCommandLineArgs=true", $"-p:MidflightInputs={inputs}"], stop);
        return (published, WarmSolution.Read(inputs, published.Folder));
    }

    private async Task<WarmSolution?> Rebuild(CancellationToken stop)
    {
        try
        {
            return (await Build(stop)).Item2;
        }
        catch (Failure failure)
        {
            say($"{failure.Message}{Environment.NewLine}The previous code keeps running.");
            return null;
        }
    }

    private async Task Follow(WarmSolution solution, DevReleases releases, DevNode node, long began, CancellationToken stop)
    {
        if (solution.Compile() is { Length: > 0 } errors)
        {
            say($"{string.Join(Environment.NewLine, errors)}{Environment.NewLine}The previous code keeps running.");
            return;
        }

        var compiled = Stopwatch.GetElapsedTime(began);

        try
        {
            var reply = await node.Ask<InstallRequest, InstallReply>(new(releases.Next(), AllowLoss: true), stop);

            foreach (var note in reply.Notes)
            {
                say($"note: {note}");
            }

            say(string.Create(CultureInfo.InvariantCulture,
                $"{reply.Verdict}: {reply.Converted:N0} conversions, {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms ({compiled.TotalMilliseconds:0} ms of it compiling)"));
        }
        catch (Exception refusal) when (refusal is ControlRefusedException or BuildRefusedException)
        {
            say($"{refusal.Message}{Environment.NewLine}The previous code keeps running. Fix that and save, or stop the node and start it again.");
        }
        catch (Exception error) when (error is NodeUnreachableException or ControlFailedException)
        {
            say($"{error.Message}{Environment.NewLine}It is tried again when you save.");
        }
    }

    private static bool IsOfBuild(string file) => Path.GetExtension(file) is ".csproj" or ".props" or ".targets" or ".resx"
        || Path.GetFileName(file) is ".editorconfig" or "global.json" or "nuget.config";

    private bool IsConfiguration(string file) => file == Path.Combine(Path.GetDirectoryName(project)!, "config.json");

    // A file that was not there before, or is gone. Only a build can tell which project it belongs to, if any.
    private static bool IsNewSource(string file, WarmSolution solution) =>
        Path.GetExtension(file) == ".cs" && File.Exists(file) != solution.Projects.Any(one => one.Sources.Contains(file));
}
