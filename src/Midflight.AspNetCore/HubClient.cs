using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Midflight.AspNetCore;

/// <summary>One client of a hub. What it sends is read and handled in the hub's current version.</summary>
internal sealed partial class HubClient : IDisposable
{
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_clientTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_handshake = TimeSpan.FromSeconds(15);

    // Calls that wait for earlier ones; beyond that nothing more is read.
    private const int MostCalls = 100;

    private readonly HotHubEndpoint _hub;
    private readonly HubOptions _options;
    private readonly PipeReader _input;
    private readonly HubStreams _streams = new();
    private readonly HubBinder _binder;
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _streaming = new();
    private readonly SemaphoreSlim _waiting = new(MostCalls);
    private readonly ILogger _logger;
    private Task _last = Task.CompletedTask;
    private long _heard = Environment.TickCount64;

    private HubClient(HotHubEndpoint hub, HubConnectionContext context, HubOptions options, PipeReader input)
    {
        (_hub, Context, _options, _input) = (hub, context, options, input);
        _binder = new(hub.Manager, _streams);
        _logger = hub.Host.GetRequiredService<ILoggerFactory>().CreateLogger("Midflight.AspNetCore.Hub");
    }

    internal HubConnectionContext Context { get; }

    /// <summary>Agrees on a protocol with a client.</summary>
    /// <returns>Null if that fails.</returns>
    internal static async Task<HubClient?> Connect(HotHubEndpoint hub, ConnectionContext connection)
    {
        var options = hub.Host.GetRequiredService<IOptions<HubOptions>>().Value;
        using var late = new CancellationTokenSource(options.HandshakeTimeout ?? s_handshake);

        try
        {
            while (true)
            {
                var read = await connection.Transport.Input.ReadAsync(late.Token).ConfigureAwait(false);
                var buffer = read.Buffer;
                var isWhole = HandshakeProtocol.TryParseRequestMessage(ref buffer, out var request);
                connection.Transport.Input.AdvanceTo(buffer.Start, isWhole ? buffer.Start : buffer.End);

                if (isWhole)
                {
                    return await Accept(hub, connection, options, request!).ConfigureAwait(false);
                }

                if (read.IsCompleted)
                {
                    return null;
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or InvalidDataException or IOException)
        {
            return null;
        }
    }

    private static async Task<HubClient?> Accept(HotHubEndpoint hub, ConnectionContext connection, HubOptions options, HandshakeRequestMessage request)
    {
        var protocol = hub.Host.GetRequiredService<IHubProtocolResolver>().GetProtocol(request.Protocol, options.SupportedProtocols as IReadOnlyList<string>);
        var error = protocol is null ? $"The protocol '{request.Protocol}' is not supported."
            : !protocol.IsVersionSupported(request.Version) ? $"The server does not support version {request.Version} of the '{request.Protocol}' protocol."
            : null;
        HandshakeProtocol.WriteResponseMessage(error is null ? HandshakeResponseMessage.Empty : new(error), connection.Transport.Output);
        await connection.Transport.Output.FlushAsync().ConfigureAwait(false);

        if (error is not null)
        {
            return null;
        }

        if (connection.Features.Get<ITransferFormatFeature>() is { } transfer)
        {
            transfer.ActiveFormat = protocol!.TransferFormat;
        }

        var context = new HubConnectionContext(
            connection,
            new()
            {
                KeepAliveInterval = options.KeepAliveInterval ?? s_keepAlive,
                ClientTimeoutInterval = options.ClientTimeoutInterval ?? s_clientTimeout,
                MaximumReceiveMessageSize = options.MaximumReceiveMessageSize,
            },
            hub.Host.GetRequiredService<ILoggerFactory>())
        {
            Protocol = new HubWire(protocol!, hub),
        };
        context.UserIdentifier = hub.Host.GetRequiredService<IUserIdProvider>().GetUserId(context);
        return new(hub, context, options, connection.Transport.Input);
    }

    /// <summary>Serves the client until it is gone.</summary>
    internal async Task Run()
    {
        await _hub.Manager.OnConnectedAsync(Context).ConfigureAwait(false);
        using var gone = new CancellationTokenSource();
        var watching = StayInTouch(gone.Token);
        Exception? error = null;

        try
        {
            await OnHub(_hub.Current, "OnConnectedAsync", (hub, _) => hub.OnConnectedAsync()).ConfigureAwait(false);
            await Read().ConfigureAwait(false);
        }
        // Its code, or the network.
        catch (Exception exception)
        {
            error = exception is OperationCanceledException or IOException or ConnectionResetException ? null : exception;

            if (error is not null)
            {
                Failed(_logger, error, "The connection");
            }

            await Context.WriteAsync(new CloseMessage($"Connection closed with an error.{Detail(exception)}")).ConfigureAwait(false);
        }

        await gone.CancelAsync().ConfigureAwait(false);
        await watching.ConfigureAwait(false);
        _streams.CloseAll(new OperationCanceledException("The client is gone."));

        foreach (var streaming in _streaming.Values)
        {
            await streaming.CancelAsync().ConfigureAwait(false);
        }

        Context.Abort();
        await _last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        try
        {
            await OnHub(_hub.Current, "OnDisconnectedAsync", (hub, _) => hub.OnDisconnectedAsync(error)).ConfigureAwait(false);
        }
        // The client is no longer told.
        catch (Exception exception)
        {
            Failed(_logger, exception, "OnDisconnectedAsync");
        }

        await _hub.Manager.OnDisconnectedAsync(Context).ConfigureAwait(false);
    }

    // Pings the client, and ends the connection if nothing comes back. By the program's clock, whatever the node's clock is.
    private async Task StayInTouch(CancellationToken gone)
    {
        using var timer = new PeriodicTimer(_options.KeepAliveInterval ?? s_keepAlive);
        var silence = (_options.ClientTimeoutInterval ?? s_clientTimeout).TotalMilliseconds;

        try
        {
            while (await timer.WaitForNextTickAsync(gone).ConfigureAwait(false))
            {
                if (Environment.TickCount64 - Interlocked.Read(ref _heard) > silence)
                {
                    Context.Abort();
                }

                await Context.WriteAsync(PingMessage.Instance, gone).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // It is gone.
        }
    }

    private async Task Read()
    {
        var most = _options.MaximumReceiveMessageSize ?? 32 * 1024;

        while (true)
        {
            var read = await _input.ReadAsync(Context.ConnectionAborted).ConfigureAwait(false);
            var buffer = read.Buffer;
            Interlocked.Exchange(ref _heard, Environment.TickCount64);

            try
            {
                while (Parse(ref buffer) is { } message)
                {
                    if (message is CloseMessage)
                    {
                        return;
                    }

                    await Handle(message, _binder.Version).ConfigureAwait(false);
                }

                if (buffer.Length > most)
                {
                    throw new InvalidDataException($"The maximum message size of {most}B was exceeded. The message size can be configured in AddHubOptions.");
                }
            }
            finally
            {
                // Between two messages it keeps no version.
                _binder.Version = null;
                _input.AdvanceTo(buffer.Start, buffer.End);
            }

            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private HubMessage? Parse(ref ReadOnlySequence<byte> buffer)
    {
        _binder.Version = _hub.Current;
        return !buffer.IsEmpty && Context.Protocol.TryParseMessage(ref buffer, _binder, out var message) ? message : null;
    }

    /// <summary>When it is gone.</summary>
    public void Dispose() => _waiting.Dispose();

    private string Detail(Exception exception) => _options.EnableDetailedErrors == true || exception is HubException ? $" {exception.GetType().Name}: {exception.Message}" : "";

    [LoggerMessage(EventId = 91, EventName = "HubFailed", Level = LogLevel.Error, Message = "{Method} of a hub failed.")]
    private static partial void Failed(ILogger logger, Exception exception, string method);
}
