using System.Text.Json;

namespace Midflight.Host.Control;

/// <summary>The error codes of JSON-RPC 2.0, and those of Midflight.</summary>
internal static class ControlErrors
{
    public const int ParseError = -32700;
    public const int InvalidRequest = -32600;
    public const int MethodNotFound = -32601;
    public const int InvalidParams = -32602;
    public const int InternalError = -32603;

    /// <summary>The line is longer than the node reads.</summary>
    public const int LineTooLong = -32000;

    /// <summary>The node refused, with an expected reason. Nothing has changed.</summary>
    public const int Refused = -32001;

    /// <summary>The node is stopping.</summary>
    public const int Stopping = -32002;

    /// <summary>The node already serves its maximum number of clients.</summary>
    public const int TooManyClients = -32003;
}

/// <summary>The node refused. Thrown by a handler, it reaches the client as the same exception.</summary>
/// <param name="sentence">The reason, ending with what to do.</param>
/// <param name="details">The same for programs, or null.</param>
internal sealed class ControlRefusedException(string sentence, JsonElement? details = null) : Exception(sentence)
{
    public JsonElement? Details { get; } = details;
}

/// <summary>The request was answered with an error that is not a refusal: unknown method, bad parameters, a failed handler.</summary>
internal sealed class ControlFailedException(int code, string message) : Exception(message)
{
    public int Code { get; } = code;
}

/// <summary>Nobody is listening on the socket, or nobody any more.</summary>
internal sealed class NodeUnreachableException(string message, Exception? inner = null) : Exception(message, inner);
