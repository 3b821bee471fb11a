using System.Net;
using System.Net.Sockets;

namespace Midflight;

/// <summary>Counts the open connections of one listener, in total and by address.</summary>
internal sealed class TcpAdmission(TcpOptions options, Action hasRoom)
{
    private readonly Lock _lock = new();

    // Null if addresses are not limited.
    private readonly Dictionary<IPAddress, int>? _byAddress = options.MaxConnectionsPerAddress < int.MaxValue ? [] : null;
    private int _open;

    /// <summary>Whether there is room for one more connection.</summary>
    internal bool HasRoom
    {
        get
        {
            lock (_lock)
            {
                return _open < options.MaxConnections;
            }
        }
    }

    /// <summary>Gives a connection a place, which it disposes when it is closed. Null if its address has too many.</summary>
    internal IDisposable? Admit(EndPoint? remote)
    {
        var address = _byAddress is not null && remote is IPEndPoint { Address: var ip } ? Network(ip) : null;

        lock (_lock)
        {
            if (address is not null)
            {
                var count = _byAddress!.GetValueOrDefault(address);

                if (count >= options.MaxConnectionsPerAddress)
                {
                    return null;
                }

                _byAddress![address] = count + 1;
            }

            _open++;
        }

        return new Place(this, address);
    }

    private void Leave(IPAddress? address)
    {
        lock (_lock)
        {
            _open--;

            if (address is not null && --_byAddress![address] == 0)
            {
                _byAddress.Remove(address);
            }
        }

        hasRoom();
    }

    // Whoever has one IPv6 address also has the others of its network.
    private static IPAddress Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private sealed class Place(TcpAdmission admission, IPAddress? address) : IDisposable
    {
        public void Dispose() => admission.Leave(address);
    }
}
