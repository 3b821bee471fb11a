using Midflight.Host;
using Midflight.Host.Control;
using Midflight.Releases.Packages;

namespace Midflight.Cli;

/// <summary>The operating system process that is a node.</summary>
internal static class NodeProgram
{
    /// <summary>Runs a release until it is stopped.</summary>
    /// <param name="root">Where it lies.</param>
    /// <param name="name">Its name.</param>
    /// <param name="version">Its version.</param>
    /// <param name="goesOn">Whether an upgrade has restarted the node.</param>
    /// <returns>0 if it was stopped, 1 if it could not start or had to end. Does not come back where the node restarts.</returns>
    public static int Run(string root, string name, string version, bool goesOn)
    {
        WarmUp.Begin();
        var layout = new ReleaseLayout(root);
        if (NodeLock.IsTaken(layout))
        {
            // Said here as well as by the node itself, whose words go to its log.
            Output.Error(new NodeRunningException(layout.Root, NodeLock.PidOf(layout)).Message);
            return 1;
        }

        try
        {
            // .NET runs: what stands in the way of a start from here on is told.
            // A first start in the foreground has no such folder yet.
            Directory.CreateDirectory(layout.Run);
            File.Delete(layout.StartingFile);
            FirstStart.Commit(layout, version);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            Output.Error(error.Message);
            return 1;
        }

        // Its own file, where it is in the background: it does not grow without end.
        using var file = RotatedFile.OfOutput(layout.Log(name));

        // Everything of the node is gone by now, so that nothing is lost when its process becomes another.
        switch (NodeBoot.Run(root, version, file ?? Output.Log, (hosted, end) => NodeDoors.Open(hosted, end, goesOn), goesOn))
        {
            case NodeEnd.Exit(var code):
                return code;
            case NodeEnd.GoOn(var applications, var runtime):
                return Become(layout.Command(name), "go-on", applications, runtime);
            default:
                return Become(layout.Command(name), "foreground");
        }
    }

    private static int Become(string command, params string[] arguments)
    {
        Output.Error($"{command} cannot be run: {ProcessImage.Replace(command, arguments)}. Start the node with `start`.");
        return 1;
    }
}
