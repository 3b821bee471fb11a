using System.Net.Sockets;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Midflight.Host.Control;

/// <summary>The address of a control socket in a folder of any depth.</summary>
/// <remarks>
/// A Unix socket address has room for 107 bytes. A longer path is reached through an open handle of its folder,
/// which Linux shows as <c>/proc/self/fd/N</c>. So keep this alive until the socket is bound or connected.
/// </remarks>
internal sealed class ControlAddress : IDisposable
{
    private const int LongestPath = 107;

    private readonly SafeFileHandle? _folder;

    /// <exception cref="PathTooLongException">The path is too long, and this system has no way around that.</exception>
    public ControlAddress(string socket)
    {
        if (Encoding.UTF8.GetByteCount(socket) <= LongestPath)
        {
            EndPoint = new(socket);
            return;
        }

        if (!OperatingSystem.IsLinux())
        {
            throw new PathTooLongException(
                $"{socket} is longer than the {LongestPath} bytes that a Unix socket's address may have. " +
                "Put the release into a folder with a shorter path.");
        }

        _folder = Releases.Packages.DurableFile.OpenFolder(Path.GetDirectoryName(socket)!);
        EndPoint = new($"/proc/self/fd/{_folder.DangerousGetHandle()}/{Path.GetFileName(socket)}");
    }

    public UnixDomainSocketEndPoint EndPoint { get; }

    public void Dispose() => _folder?.Dispose();
}
