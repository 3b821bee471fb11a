using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>TCP and Unix domain sockets for processes: received data arrives as messages. This is OTP's gen_tcp.</summary>
/// <remarks>
/// The pending reads belong to Midflight. So a waiting connection keeps no code version in use, and stays open while
/// its process changes its code.
/// </remarks>
public static class Tcp
{
    /// <summary>Listens on an address. Connections arrive at the calling process as <see cref="TcpAccepted"/>.</summary>
    /// <param name="address">
    /// An <see cref="IPEndPoint"/>, whose port 0 lets the system choose, and whose any-address of IPv6 also accepts IPv4; or a <see cref="UnixDomainSocketEndPoint"/>. Its
    /// file is deleted when the listener is closed, and a file left by a killed program is taken over. Anyone who can write to the file can connect, so put it
    /// into a folder that only the right users can enter.
    /// </param>
    /// <param name="backlog">Connections that the system queues until they are accepted. Default: 1,024.</param>
    /// <param name="options">For the accepted sockets. Default: <see cref="TcpOptions.Default"/>.</param>
    /// <exception cref="SocketException">The address is in use, does not belong to this machine, or is not permitted.</exception>
    /// <exception cref="ArgumentException">The address is of another kind.</exception>
    /// <remarks>The listener is closed when the calling process ends.</remarks>
    [MethodImpl(Inlining.NotIntoHotCode)]
    public static TcpListener Listen(EndPoint address, int backlog = 1024, TcpOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        var owner = Process.Here;
        options ??= TcpOptions.Default;

        // Accepted sockets inherit these settings.
        var socket = Create(address, options);

        try
        {
            if (address is IPEndPoint { AddressFamily: AddressFamily.InterNetworkV6, Address: var ip })
            {
                socket.DualMode = ip.Equals(IPAddress.IPv6Any);
            }

            if (address is UnixDomainSocketEndPoint)
            {
                SocketFile.RemoveLeft($"{address}");
            }

            socket.Bind(address);
            socket.Listen(backlog);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new SocketException((int)exception.SocketErrorCode, $"Cannot listen on {address}: {exception.Message}. Choose another address, or stop the program that uses it.");
        }

        return new TcpListener(socket, owner, options);
    }

    /// <summary>Connects to an address. The calling process owns the socket.</summary>
    /// <param name="address">An <see cref="IPEndPoint"/> or a <see cref="UnixDomainSocketEndPoint"/>.</param>
    /// <param name="options">Default: <see cref="TcpOptions.Default"/>.</param>
    /// <exception cref="ArgumentException">The address is of another kind.</exception>
    /// <exception cref="SocketException">The connection failed, or was not attempted because nearly all files that the system allows are open.</exception>
    public static async ValueTask<TcpSocket> Connect(EndPoint address, TcpOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        var owner = Process.Here;
        options ??= TcpOptions.Default;
        var socket = Create(address, options);

        try
        {
            if (owner.Node.Descriptors.IsLast(socket.SafeHandle.DangerousGetHandle()))
            {
                throw new SocketException(
                    (int)SocketError.TooManyOpenSockets,
                    $"Cannot connect to {address}: nearly all of the {owner.Node.Descriptors.Limit} files that the system allows are open. Raise the limit (`ulimit -n`, LimitNOFILE), or close connections.");
            }

            await socket.ConnectAsync(address);
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }

        var connected = new TcpSocket(socket, owner, options);
        owner.Bonds.Owned.Add(connected);
        connected.GoOn();
        return connected;
    }

    private static Socket Create(EndPoint address, TcpOptions options)
    {
        const int ProbesApart = 15;
        const int Probes = 4;

        if (address is UnixDomainSocketEndPoint)
        {
            // The other side is on this machine, whose system knows when it has ended.
            return new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        }

        var socket = new Socket(
            address is IPEndPoint ? address.AddressFamily : throw new ArgumentException($"{address} is a {address.GetType()}. Give an IPEndPoint or a UnixDomainSocketEndPoint.", nameof(address)),
            SocketType.Stream,
            ProtocolType.Tcp);

        if (options.KeepAlive != Timeout.InfiniteTimeSpan)
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Math.Max(1, (int)options.KeepAlive.TotalSeconds));
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbesApart);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
        }

        return socket;
    }
}
