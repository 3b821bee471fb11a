using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Midflight.AspNetCore;

/// <summary>The protocol of one client, which stays while the types that it carries change.</summary>
/// <remarks>
/// JSON caches each type that it has written. So each version has its own JSON, and a message is written by the version whose types are in it. Other protocols are the program's.
/// </remarks>
internal sealed class HubWire(IHubProtocol hosts, HotHubEndpoint hub) : IHubProtocol
{
    public string Name => hosts.Name;

    public int Version => hosts.Version;

    public TransferFormat TransferFormat => hosts.TransferFormat;

    public bool IsVersionSupported(int version) => hosts.IsVersionSupported(version);

    public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message) =>
        (binder is HubBinder { Version: { } version } ? In(version) : hosts).TryParseMessage(ref input, binder, out message);

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output) => For(message).WriteMessage(message, output);

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message) => For(message).GetMessageBytes(message);

    private IHubProtocol For(HubMessage message) => (message switch
    {
        InvocationMessage { Arguments: var arguments } => hub.Of(arguments),
        StreamItemMessage { Item: var item } => hub.Of([item]),
        CompletionMessage { Result: var result } => hub.Of([result]),
        _ => null,
    }) is { } version ? In(version) : hosts;

    private IHubProtocol In(HubVersion version) => hosts is JsonHubProtocol ? version.Json : hosts;
}

/// <summary>Tells a protocol the types for a client's messages: those of one version of the hub.</summary>
internal sealed class HubBinder(HubLifetimeManager<HotHub> manager, HubStreams streams) : IInvocationBinder
{
    /// <summary>The version in which the next message is read; null if there is none.</summary>
    internal HubVersion? Version { get; set; }

    public IReadOnlyList<Type> GetParameterTypes(string methodName) =>
        Version?.Find(methodName)?.Sent ?? throw new HubException("Method does not exist.");

    public Type GetReturnType(string invocationId) => manager.TryGetReturnType(invocationId, out var type) ? type : typeof(object);

    public Type GetStreamItemType(string streamId) => streams.ItemType(streamId) ?? throw new KeyNotFoundException($"No stream {streamId} is read.");

    public string? GetTarget(ReadOnlySpan<byte> utf8Bytes) => null;
}
