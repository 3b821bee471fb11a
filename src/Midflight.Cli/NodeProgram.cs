using Midflight.Host;
using Midflight.Host.Control;
using Midflight.Releases.Packages;

namespace Midflight.Cli;

/// <summary>The operating system process that is a node.</summary>
internal static class NodeProgram
{
    /// <summary>Runs a release until it is stopped.</summary>
    /// <param name="root">Its folder.</param>
    /// <param name="name">Its name.</param>
    /// <param name="version">Its version.</param>
    /// <param name="goesOn">Whether an upgrade has restarted the node.</param>
    /// <returns>0 if it was stopped, 1 if it could not start or had to end. Does not return if the node restarts.</returns>
    public static int Run(string root, string name, string version, bool goesOn)
    {
        WarmUp.Begin();
        var layout = new ReleaseLayout(root);
        if (NodeLock.IsTaken(layout))
        {
            // Printed here as well as by the node itself, whose output goes to its log.
            Output.Error(new NodeRunningException(layout.Root, NodeLock.PidOf(layout)).Message);
            return 1;
        }

        try
        {
            // .NET runs: from here on, anything that prevents a start is reported.
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

        // Its own file, if it is in the background, so that the log does not grow without limit.
        using var file = RotatedFile.OfOutput(layout.Log(name));

        // Everything of the node is gone by now, so nothing is lost when its process becomes another.
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
