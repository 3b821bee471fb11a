using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Midflight;

internal static partial class TcpLog
{
    [LoggerMessage(EventId = 30, EventName = "NoMoreSockets", Level = LogLevel.Warning,
        Message = "The listener on {Address} cannot accept: {Error}. It tries again in 100 ms; raise the limit of open files, or close connections.")]
    internal static partial void NoMoreSockets(ILogger logger, IPEndPoint address, SocketError error);
}
