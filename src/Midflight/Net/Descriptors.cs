using System.Runtime.InteropServices;

namespace Midflight;

/// <summary>How many files the operating system lets this process have open, and how close it is to that limit. Sockets are files.</summary>
/// <remarks>
/// <para>
/// At the limit nothing works any more: .NET ends the process when it cannot start a thread, and a thread takes a file. So connections stop
/// before it, and the rest is for threads, the control channel and an upgrade.
/// </para>
/// <para>
/// The system always assigns the lowest free number. So a number at the ceiling means that all below are taken, and nothing has to be counted.
/// </para>
/// </remarks>
internal sealed class Descriptors(int limit)
{
    private const int LargestReserve = 256;

    private const int OpenFiles = 7; // RLIMIT_NOFILE of Linux
    private const int OpenFilesOfMac = 8;
    private const string Shown = "/proc/self/fd";

    internal static Descriptors OfProcess { get; } = new(LimitOfSystem());

    /// <summary>Files that may be open at once.</summary>
    internal int Limit => limit;

    /// <summary>The files that connections leave for everything else: a quarter of the limit, at most 256.</summary>
    internal int Reserve => Math.Min(limit / 4, LargestReserve);

    /// <summary>The number at which connections stop.</summary>
    internal int Ceiling => limit - Reserve;

    /// <summary>Whether the file with this number is one of the last that connections may use.</summary>
    internal bool IsLast(nint descriptor) => descriptor >= Ceiling - 1;

    /// <summary>Whether there is room for another connection.</summary>
    /// <param name="any">An open file.</param>
    internal bool HasRoom(SafeHandle any)
    {
        if (OperatingSystem.IsWindows())
        {
            return true;
        }

        // The next number that would be assigned.
        var free = Duplicate(any);

        if (free >= 0)
        {
            _ = Close(free);
        }

        return free >= 0 && free < Ceiling;
    }

    /// <summary>Files that are open now; 0 if the system does not tell. Visits each of them.</summary>
    internal static int Used
    {
        get
        {
            try
            {
                // Minus the one used for looking.
                return Directory.Exists(Shown) ? Directory.EnumerateFileSystemEntries(Shown).Count() - 1 : 0;
            }
            catch (IOException)
            {
                // None is left to look with.
                return OfProcess.Limit;
            }
        }
    }

    private static int LimitOfSystem()
    {
        if (OperatingSystem.IsWindows() || GetLimit(OperatingSystem.IsMacOS() ? OpenFilesOfMac : OpenFiles, out var limit) != 0)
        {
            return int.MaxValue;
        }

        return (int)Math.Min(limit.Now, int.MaxValue);
    }

    [DllImport("libc", EntryPoint = "getrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetLimit(int resource, out ResourceLimit limit);

    [DllImport("libc", EntryPoint = "dup")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Duplicate(SafeHandle descriptor);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        internal ulong Now;
        internal ulong Most;
    }
}
