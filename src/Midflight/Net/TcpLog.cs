using System.Net;
using Microsoft.Extensions.Logging;

namespace Midflight;

internal static partial class TcpLog
{
    [LoggerMessage(EventId = 60, EventName = "ListenerPaused", Level = LogLevel.Warning,
        Message = "The listener on {Address} accepts nothing for now: {Why}. Who connects meanwhile waits; it goes on by itself when connections close.")]
    internal static partial void Paused(ILogger logger, EndPoint address, string why);

    [LoggerMessage(EventId = 61, EventName = "ListenerGoesOn", Level = LogLevel.Information,
        Message = "The listener on {Address} accepts again, after {Pause}.")]
    internal static partial void GoesOn(ILogger logger, EndPoint address, TimeSpan pause);

    [LoggerMessage(EventId = 62, EventName = "TooManyOfAddress", Level = LogLevel.Warning,
        Message = "The listener on {Address} has reset a connection from {Remote}: {Limit} from there are open already, as many as MaxConnectionsPerAddress of its TcpOptions allows. More in the next minute are only counted.")]
    internal static partial void TooManyOfAddress(ILogger logger, EndPoint address, EndPoint? remote, int limit);
}
