using System.Runtime.InteropServices;

namespace Midflight.Host;

/// <summary>Replaces the program of this operating system process with another: <c>exec</c>.</summary>
/// <remarks>
/// The pid, the terminal, the standard streams and the environment stay, and whoever watches the process (a shell,
/// systemd) sees no end of it. Everything else goes, as by <c>kill -9</c>: threads, memory, files, sockets, locks.
/// </remarks>
internal static partial class ProcessImage
{
    /// <summary>Becomes another program. Returns only if that is impossible.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">Its arguments, without its name.</param>
    /// <returns>Why it is impossible.</returns>
    internal static string Replace(string program, params IEnumerable<string> arguments)
    {
        if (OperatingSystem.IsWindows())
        {
            return "Windows cannot replace the program of a process";
        }

        _ = Exec(program, [program, .. arguments, null]);
        return Marshal.GetLastPInvokeErrorMessage();
    }

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Exec(string program, string?[] arguments);
}
