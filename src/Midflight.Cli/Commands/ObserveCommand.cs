using System.CommandLine;
using System.Reflection;
using Midflight.Observer;
using Midflight.Releases.Packages;

namespace Midflight.Cli.Commands;

/// <summary><c>observe</c>: pages that show the node, served on this machine.</summary>
internal static class ObserveCommand
{
    /// <summary>Of a release.</summary>
    public static Command Create(Target target)
    {
        var options = new Options();
        return Verb.Create(
            "observe", "Show the node in a browser: processes, upgrades, log.",
            (result, cancellation) => Serve(target.Layout, result, options, cancellation),
            options.All);
    }

    /// <summary>Of whichever.</summary>
    public static Command Create()
    {
        var options = new Options();
        var folder = new Argument<string>("FOLDER") { Description = "The folder of the release whose node runs." };
        return Verb.Create(
            "observe", "Show a running node in a browser: processes, upgrades, log.",
            (result, cancellation) => Serve(new(Path.GetFullPath(result.GetRequiredValue(folder))), result, options, cancellation),
            [folder, .. options.All]);
    }

    private static async Task<int> Serve(ReleaseLayout layout, ParseResult result, Options options, CancellationToken cancellation)
    {
        var settings = new ObserverSettings { AllowChanges = result.GetValue(options.Changes) };

        foreach (var file in result.GetValue(options.Pages) ?? [])
        {
            foreach (var page in Pages(file))
            {
                settings.Pages.Add(page);
            }
        }

        // A node that is not there is told of here, and not on a page.
        await (await Host.Control.ControlClient.Connect(layout, cancellation)).DisposeAsync();
        var server = ObserverServer.Start(new ObserverSite(new NodeClient(() => layout), settings), result.GetValue(options.Port));
        await using (server)
        {
            Output.Line($"Open {server.Address}");
            Output.Line("Ctrl+C ends it. The node runs on.");
            await Task.Delay(Timeout.Infinite, cancellation).ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        return 0;
    }

    private static IEnumerable<ObserverPage> Pages(string file)
    {
        try
        {
            return [.. Assembly.LoadFrom(Path.GetFullPath(file)).GetExportedTypes()
                .Where(type => type.IsAssignableTo(typeof(ObserverPage)) && type is { IsAbstract: false } && type.GetConstructor([]) is not null)
                .Select(type => (ObserverPage)Activator.CreateInstance(type)!)];
        }
        catch (Exception exception) when (exception is BadImageFormatException or FileNotFoundException or FileLoadException or TypeLoadException or TargetInvocationException)
        {
            throw new Failure($"{file} has no pages that can be shown: {exception.Message} Build it against the Midflight.Observer of this command.");
        }
    }

    private sealed class Options
    {
        public Option<int> Port { get; } = new("--port") { Description = "Where to serve, on 127.0.0.1. Default: a free one.", HelpName = "PORT" };

        public Option<bool> Changes { get; } = new("--allow-changes") { Description = "Let the pages upgrade, commit, downgrade and trace." };

        public Option<string[]> Pages { get; } = new("--pages") { Description = "An assembly with further pages: public classes that derive from ObserverPage.", HelpName = "DLL" };

        public Symbol[] All => [Port, Changes, Pages];
    }
}
