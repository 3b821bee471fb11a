using Midflight.Host;
using Midflight.Host.Control;
using Midflight.Releases.Packages;

namespace Midflight.Cli;

/// <summary>The operating system process that is a node.</summary>
internal static class NodeProgram
{
    /// <summary>Runs a release until it is stopped.</summary>
    /// <returns>0 if it was stopped, 1 if it could not start or had to end.</returns>
    public static async Task<int> Run(string root, string version)
    {
        var layout = new ReleaseLayout(root);
        if (NodeLock.IsTaken(layout))
        {
            // Said here as well as by the node itself, whose words go to its log.
            Output.Error(new NodeRunningException(layout.Root, NodeLock.PidOf(layout)).Message);
            return 1;
        }

        try
        {
            FirstStart.Commit(layout, version);
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            Output.Error(error.Message);
            return 1;
        }

        return await NodeBoot.Run(root, version, Output.Log, NodeDoors.Open);
    }
}
