using System.Net.WebSockets;

namespace Midflight.AspNetCore;

/// <summary>What the process of a WebSocket is started with: <c>Init</c> is given it.</summary>
/// <param name="Socket">The connection. What is sent on it in <c>Init</c> goes out when the client is connected.</param>
/// <param name="Argument">What the endpoint's handler returned; null where it has none.</param>
public sealed record WebSocketOpened(WebSocketConnection Socket, object? Argument);

/// <summary>A client has sent text: a whole message, of however many frames.</summary>
/// <param name="Socket">From where.</param>
/// <param name="Text">The text.</param>
public sealed record WebSocketText(WebSocketConnection Socket, string Text);

/// <summary>A client has sent bytes: a whole message, of however many frames.</summary>
/// <param name="Socket">From where.</param>
/// <param name="Bytes">The bytes.</param>
public sealed record WebSocketData(WebSocketConnection Socket, ReadOnlyMemory<byte> Bytes);

/// <summary>The connection has ended, and not by the process. Nothing follows it; a process that has no more to do stops.</summary>
/// <param name="Socket">Which.</param>
/// <param name="Status">What the client has said; null where it has said nothing.</param>
/// <param name="Description">What it has said besides.</param>
/// <param name="Error">Why, where it did not end in order: a message that was too long, a client that is gone.</param>
public sealed record WebSocketClosed(WebSocketConnection Socket, WebSocketCloseStatus? Status, string? Description, Exception? Error);
