using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>TCP for processes: what comes is sent to them as messages. OTP's gen_tcp.</summary>
/// <remarks>
/// The pending reads belong to Midflight, so a connection that waits keeps no code version in use, and stays open while
/// the process that owns it changes its code.
/// </remarks>
public static class Tcp
{
    /// <summary>Listens on an address. Connections come to the calling process as <see cref="TcpAccepted"/>.</summary>
    /// <param name="address">Where; port 0 lets the system choose. IPv6's any-address takes IPv4 as well.</param>
    /// <param name="backlog">Connections that the system keeps until they are accepted. Default: 1,024.</param>
    /// <param name="options">Of the sockets that are accepted. Default: <see cref="TcpOptions.Default"/>.</param>
    /// <exception cref="SocketException">The address is in use, not of this machine or not allowed.</exception>
    /// <remarks>The listener is closed when the calling process ends.</remarks>
    [MethodImpl(Inlining.NotIntoHotCode)]
    public static TcpListener Listen(IPEndPoint address, int backlog = 1024, TcpOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        var owner = Process.Here;
        var socket = Create(address.AddressFamily);

        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = address.Address.Equals(IPAddress.IPv6Any);
            }

            socket.Bind(address);
            socket.Listen(backlog);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new SocketException((int)exception.SocketErrorCode, $"No listening on {address}: {exception.Message}. Choose another port, or stop who uses it.");
        }

        return new TcpListener(socket, owner, options ?? TcpOptions.Default);
    }

    /// <summary>Connects to an address. The calling process owns the socket.</summary>
    /// <exception cref="SocketException">No connection came about.</exception>
    public static async ValueTask<TcpSocket> Connect(IPEndPoint address, TcpOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        var owner = Process.Here;
        var socket = Create(address.AddressFamily);

        try
        {
            await socket.ConnectAsync(address);
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }

        var connected = new TcpSocket(socket, owner, options ?? TcpOptions.Default);
        owner.Bonds.Owned.Add(connected);
        connected.GoOn();
        return connected;
    }

    private static Socket Create(AddressFamily family) => new(family, SocketType.Stream, ProtocolType.Tcp);
}
