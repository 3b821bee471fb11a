using System.CommandLine;
using System.CommandLine.Help;
using Midflight.Cli.Commands;
using Midflight.Releases.Packages;

namespace Midflight.Cli;

/// <summary>The commands: those of a release, <c>bin/NAME</c>, and those of <c>midflight</c>.</summary>
internal sealed class CommandLine
{
    private readonly Command _root;

    private CommandLine(string name, string description, params IEnumerable<Command> verbs)
    {
        _root = new Command(name, description);
        _root.Options.Add(new HelpOption { Recursive = true });
        _root.Options.Add(new VersionOption());
        foreach (var verb in verbs)
        {
            _root.Subcommands.Add(verb);
        }

        foreach (var verb in CompletionCommand.Create(_root))
        {
            _root.Subcommands.Add(verb);
        }
    }

    /// <summary>What <c>bin/NAME</c> can do.</summary>
    public static CommandLine OfRelease(string root, string name)
    {
        var target = new Target(new ReleaseLayout(root), name);
        return new(name, $"Starts, upgrades and inspects {name}.",
            StartCommand.Create(target),
            ForegroundCommand.Create(target),
            StopCommand.Create(target),
            RestartCommand.Create(target),
            PingCommand.Create(target),
            PidCommand.Create(target),
            StatusCommand.Create(target),
            ProcessesCommand.Create(target),
            ObserveCommand.Create(target),
            SnapshotCommand.Create(target),
            ReleasesCommand.Create(target),
            UnpackCommand.Create(target),
            CheckCommand.Create(target),
            UpgradeCommand.Create(target),
            CommitCommand.Create(target),
            DowngradeCommand.Create(target),
            RemoveCommand.Create(target),
            RemoteCommand.Create(target),
            EvalCommand.Create(target),
            VersionCommand.Create(target));
    }

    /// <summary>What <c>midflight</c> can do.</summary>
    public static CommandLine OfMidflight() => new(
        "midflight", "Changes the code of a running .NET service without stopping it.",
        DevCommand.Create(), ReleaseCommand.Create(), PlanCommand.Create(), RehearseCommand.Create(), ObserveCommand.Create(), ShellCommand.Create());

    /// <summary>What could stand at a place of a line that begins with this command.</summary>
    internal IEnumerable<string> Complete(string line) => CompletionCommand.Find(_root, line, line.Length);

    /// <summary>Runs one command.</summary>
    /// <returns>0 only if it did what it was asked for.</returns>
    public Task<int> Run(string[] arguments)
    {
        var parsed = _root.Parse(arguments is ["help"] ? ["--help"] : arguments);
        // In a prompt Ctrl+C is for what runs there. Elsewhere it cancels the command, which has two seconds to end.
        return parsed.InvokeAsync(Verb.IsPrompt(parsed.CommandResult.Command) ? new() { ProcessTerminationTimeout = null } : null);
    }
}

/// <summary>The release that a command works on.</summary>
/// <param name="Layout">Where it lies.</param>
/// <param name="Name">Its name.</param>
internal sealed record Target(ReleaseLayout Layout, string Name)
{
    /// <summary>What the next start runs.</summary>
    /// <exception cref="Failure">No release was committed, and there is not exactly one.</exception>
    public StartFile Next => StartFile.Read(Layout) ?? ReleasesFile.Read(Layout) switch
    {
        [var only] => StartFile.Of(ReleaseManifest.Read(Layout, only.Version)),
        [] => throw new Failure($"There is no release in {Layout.Releases}. Unpack a package with `tar -xzf` in {Layout.Root}."),
        var several => throw new Failure(
            $"None of the releases {string.Join(", ", several.Select(release => release.Version))} is committed. " +
            $"Copy the start.txt of the one to start from its folder to {Layout.Releases}."),
    };
}
