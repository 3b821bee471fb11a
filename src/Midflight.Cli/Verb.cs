using System.CommandLine;
using System.CommandLine.Completions;
using Midflight.Host.Control;
using Midflight.Releases.Builds;
using Midflight.Releases.Packages;

namespace Midflight.Cli;

/// <summary>What all commands share: how they end, and how they ask a node.</summary>
internal static class Verb
{
    /// <summary>The answer as JSON, for programs.</summary>
    public static Option<bool> JsonOption() => new("--json") { Description = "Print the answer as JSON." };

    /// <summary>Whether the node may restart.</summary>
    public static Option<bool> RestartOption() => new("--restart")
    {
        Description = "Let the node restart if it cannot upgrade in flight. It then loses its connections and states.",
    };

    /// <summary>Whether an upgrade may lose what live values hold in members that are gone.</summary>
    public static Option<bool> LossOption() => new("--allow-loss")
    {
        Description = "Allow values in removed members to be lost, although the new code does not say so with [Dropped].",
    };

    /// <summary>Whether all processes that change stand still together.</summary>
    public static Option<bool> TogetherOption() => new("--together")
    {
        Description = "Suspend all processes of changed modules together, and change all of them before any continues.",
    };

    /// <summary>A version of a release.</summary>
    public static Argument<string> VersionArgument(Target target, string description)
    {
        var version = new Argument<string>("VERSION") { Description = description };
        version.CompletionSources.Add(_ => Versions(target).Select(known => new CompletionItem(known)));
        return version;
    }

    /// <summary>Whether a command is a prompt, in which Ctrl+C stops what runs and never the command.</summary>
    public static bool IsPrompt(Command command) => command.Name is "shell" or "remote";

    /// <summary>Makes a command of a function that returns the exit code.</summary>
    public static Command Create(
        string name, string description, Func<ParseResult, CancellationToken, Task<int>> run, params IEnumerable<Symbol> parts)
    {
        var command = new Command(name, description);
        foreach (var part in parts)
        {
            switch (part)
            {
                case Argument argument:
                    command.Arguments.Add(argument);
                    break;
                case Option option:
                    command.Options.Add(option);
                    break;
            }
        }

        command.SetAction((result, cancellation) => Guard(() => run(result, cancellation), IsJson(result)));
        return command;
    }

    /// <summary>Asks the node, and tells its progress to a person.</summary>
    public static async Task<TReply> Ask<TRequest, TReply>(
        Target target, TRequest request, bool quiet, CancellationToken cancellation)
        where TRequest : IControlRequest<TReply>
    {
        await using var client = await ControlClient.Connect(target.Layout, cancellation);
        return await client.Call<TRequest, TReply>(
            request, quiet ? null : report => Output.Line($"{report.Step}: {report.Text}"), cancellation);
    }

    // The foreseen ends of a command; anything else is a bug and may print its stack.
    private static async Task<int> Guard(Func<Task<int>> run, bool json)
    {
        try
        {
            return await run();
        }
        catch (ControlRefusedException refused)
        {
            return Fail(new(refused.Message, refused.Details), json);
        }
        catch (Exception error) when (error is Failure or BuildRefusedException or ControlFailedException or NodeUnreachableException
            or NodeRunningException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return Fail(new(error.Message, null), json);
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
    }

    // Those that are installed, and those whose packages lie ready.
    private static IEnumerable<string> Versions(Target target)
    {
        var layout = target.Layout;

        if (!Directory.Exists(layout.Root))
        {
            return [];
        }

        var ready = new[] { layout.Root, layout.Releases }.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, $"{target.Name}-*.tar.gz"))
            .Select(package => Path.GetFileName(package)[(target.Name.Length + 1)..^".tar.gz".Length]);
        return ReleasesFile.Read(layout).Select(release => release.Version).Concat(ready).Distinct();
    }

    private static int Fail(ErrorText error, bool json)
    {
        if (json)
        {
            Output.Json(new { Error = error });
        }

        Output.Error(error.Message);
        return 1;
    }

    private static bool IsJson(ParseResult result) =>
        result.CommandResult.Command.Options.OfType<Option<bool>>().Any(option => option.Name == "--json" && result.GetValue(option));

    private sealed record ErrorText(string Message, System.Text.Json.JsonElement? Details);
}
