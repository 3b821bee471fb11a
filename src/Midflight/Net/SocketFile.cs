using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Midflight;

/// <summary>The file of a Unix domain socket.</summary>
internal static class SocketFile
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint Type = 1; // STATX_TYPE
    private const int StructSize = 256;
    private const int Mode = 28; // stx_mode
    private const int TypeBits = 0xF000; // S_IFMT
    private const int IsSocket = 0xC000; // S_IFSOCK

    /// <summary>Deletes the file if it is a socket that nobody listens on, left by a program that was killed.</summary>
    /// <remarks>
    /// If two programs start listening at the same time, one may delete the file that the other has just created; every program that does this has that race. On systems other than
    /// Linux nothing is deleted, because there is no uniform way to ask for the kind of a file.
    /// </remarks>
    internal static void RemoveLeft(string path)
    {
        // A name without a file: nothing is left of those.
        if (path.Length == 0 || path[0] is '@' or '\0' || !OperatingSystem.IsLinux() || !IsSocketAt(path))
        {
            return;
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };

        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        // Only a socket without a listener refuses; a listener with a full backlog is busy.
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
        }
        catch (SocketException)
        {
        }
    }

    private static bool IsSocketAt(string path)
    {
        var stat = new byte[StructSize];
        return Statx(CurrentFolder, path, NoFollow, Type, stat) == 0 && (BitConverter.ToUInt16(stat, Mode) & TypeBits) == IsSocket;
    }

    [DllImport("libc", EntryPoint = "statx", CharSet = CharSet.Ansi, BestFitMapping = false)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] stat);
}
