using System.Diagnostics.CodeAnalysis;
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
    // Who looks whether a node runs holds the lock for a moment.
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    private readonly FileStream _lock;
    private readonly ReleaseLayout _layout;

    private NodeLock(ReleaseLayout layout, FileStream held) => (_layout, _lock) = (layout, held);

    /// <summary>Takes the lock and writes the pid.</summary>
    /// <param name="layout">Of which release.</param>
    /// <param name="time">Measures for how long it tries: 100 ms.</param>
    /// <exception cref="NodeRunningException">A node has it.</exception>
    public static async Task<NodeLock> Take(ReleaseLayout layout, TimeProvider time)
    {
        Directory.CreateDirectory(layout.Run);
        var began = time.GetTimestamp();
        FileStream? held;
        while (!TryHold(layout, out held, out var error))
        {
            if (time.GetElapsedTime(began) >= s_look)
            {
                throw new NodeRunningException(layout.Root, PidOf(layout), error);
            }

            await Task.Delay(s_pause, time).ConfigureAwait(false);
        }

        File.WriteAllText(layout.PidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
        return new NodeLock(layout, held);
    }

    private static bool TryHold(ReleaseLayout layout, [NotNullWhen(true)] out FileStream? held, out IOException? error)
    {
        try
        {
            held = new FileStream(layout.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            error = null;
            return true;
        }
        catch (IOException taken) when (File.Exists(layout.LockFile))
        {
            (held, error) = (null, taken);
            return false;
        }
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
            // Shared: two who look at the same moment must not take each other for a node.
            using var free = new FileStream(layout.LockFile, FileMode.Open, FileAccess.Read, FileShare.Read);
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
    $"A node is already running at {root}{(pid is { } number ? $", as process {number}" : "")}. Stop it first with `stop`.", inner);
