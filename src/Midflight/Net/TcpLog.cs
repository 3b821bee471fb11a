using System.Net;
using Microsoft.Extensions.Logging;

namespace Midflight;

internal static partial class TcpLog
{
    [LoggerMessage(EventId = 60, EventName = "ListenerPaused", Level = LogLevel.Warning,
        Message = "The listener on {Address} has stopped accepting for now: {Why}. New connections wait; it resumes when others close.")]
    internal static partial void Paused(ILogger logger, EndPoint address, string why);

    [LoggerMessage(EventId = 61, EventName = "ListenerGoesOn", Level = LogLevel.Information,
        Message = "The listener on {Address} accepts again, after {Pause}.")]
    internal static partial void GoesOn(ILogger logger, EndPoint address, TimeSpan pause);

    [LoggerMessage(EventId = 62, EventName = "TooManyOfAddress", Level = LogLevel.Warning,
        Message = "The listener on {Address} has reset a connection from {Remote}: that address already has {Limit} open, the MaxConnectionsPerAddress of its TcpOptions. More resets in the next minute are only counted.")]
    internal static partial void TooManyOfAddress(ILogger logger, EndPoint address, EndPoint? remote, int limit);
}
