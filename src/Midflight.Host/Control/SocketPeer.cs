using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Midflight.Host.Control;

/// <summary>What .NET does not tell of the other end of a socket.</summary>
internal static class SocketPeer
{
    private const short HungUp = 0x10; // POLLHUP

    /// <summary>
    /// Whether the other end was closed altogether. One that only ended its own writing still reads, and is not gone.
    /// </summary>
    public static bool IsGone(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        var polled = new Polled { Descriptor = (int)socket.Handle };
        return Poll(ref polled, 1, 0) > 0 && (polled.Returned & HungUp) != 0;
    }

    /// <summary>Which process is at the other end of a Unix socket, and whose; null where the system does not say.</summary>
    public static (int Process, int User)? Of(Socket socket)
    {
        const int OfSocket = 1; // SOL_SOCKET
        const int Credentials = 17; // SO_PEERCRED: pid, uid, gid

        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        Span<byte> credentials = stackalloc byte[3 * sizeof(int)];

        try
        {
            return socket.GetRawSocketOption(OfSocket, Credentials, credentials) == credentials.Length
                ? (BitConverter.ToInt32(credentials), BitConverter.ToInt32(credentials[sizeof(int)..]))
                : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "poll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Poll(ref Polled polled, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct Polled
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
