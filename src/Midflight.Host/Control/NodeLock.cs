using System.Globalization;
using Midflight.Releases.Packages;

namespace Midflight.Host.Control;

/// <summary>Held by the node that runs a release, so that there is one at most.</summary>
/// <remarks>
/// The lock belongs to the operating system process and goes with it, however it ends: what a killed node leaves
/// behind (its pid, its socket) means nothing, and the next node replaces it.
/// </remarks>
internal sealed class NodeLock : IDisposable
{
    private readonly FileStream _lock;
    private readonly ReleaseLayout _layout;

    private NodeLock(ReleaseLayout layout, FileStream held) => (_layout, _lock) = (layout, held);

    /// <summary>Takes the lock and writes the pid.</summary>
    /// <exception cref="NodeRunningException">A node has it.</exception>
    public static NodeLock Take(ReleaseLayout layout)
    {
        Directory.CreateDirectory(layout.Run);
        FileStream held;
        try
        {
            held = new FileStream(layout.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (File.Exists(layout.LockFile))
        {
            throw new NodeRunningException(layout.Root, PidOf(layout), error);
        }

        File.WriteAllText(layout.PidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
        return new NodeLock(layout, held);
    }

    /// <summary>Whether a node runs, whether or not it answers already.</summary>
    public static bool IsTaken(ReleaseLayout layout)
    {
        if (!File.Exists(layout.LockFile))
        {
            return false;
        }

        try
        {
            using var free = new FileStream(layout.LockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return File.Exists(layout.LockFile);
        }
    }

    /// <summary>The pid that the last node wrote, or null.</summary>
    public static int? PidOf(ReleaseLayout layout) =>
        File.Exists(layout.PidFile)
            && int.TryParse(File.ReadAllText(layout.PidFile), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var pid)
            ? pid
            : null;

    public void Dispose()
    {
        File.Delete(_layout.PidFile);
        _lock.Dispose();
    }
}

/// <summary>A release is to be started which runs already.</summary>
internal sealed class NodeRunningException(string root, int? pid, Exception? inner = null) : Exception(
    $"A node is running at {root} already{(pid is { } number ? $", as process {number}" : "")}. Stop it first with `stop`.", inner);
