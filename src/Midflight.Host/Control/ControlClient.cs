using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;
using Midflight.Releases.Packages;

namespace Midflight.Host.Control;

/// <summary>Talks to a running node.</summary>
internal sealed class ControlClient : IAsyncDisposable
{
    private readonly ConcurrentDictionary<long, Pending> _pending = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly NetworkStream _stream;
    private readonly string _where;
    private readonly Task _reading;
    private long _lastId;
    private volatile NodeUnreachableException? _ended;

    private ControlClient(Socket socket, string where)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        _where = where;
        _reading = Read();
    }

    /// <summary>Connects to the node that runs a release.</summary>
    /// <exception cref="NodeUnreachableException">No node runs there, or it belongs to somebody else.</exception>
    public static async Task<ControlClient> Connect(ReleaseLayout layout, CancellationToken cancellation = default)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (!File.Exists(layout.ControlSocket))
            {
                // A user who may not enter the folder sees no socket in it, whether there is one or not.
                if (FileOwner.Of(layout.Run) is { } other && !FileOwner.IsMine(other) && !FileOwner.MayEnter(layout.Run))
                {
                    throw Foreign(layout, other);
                }

                throw NotRunning(layout, null);
            }

            using var address = new ControlAddress(layout.ControlSocket);
            await socket.ConnectAsync(address.EndPoint, cancellation);
            return new ControlClient(socket, layout.Root);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw error.SocketErrorCode is SocketError.AccessDenied && FileOwner.Of(layout.ControlSocket) is { } owner
                ? Foreign(layout, owner)
                // A killed node leaves its socket behind, with nobody listening.
                : NotRunning(layout, error);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request and waits for its answer, however long that takes.</summary>
    /// <param name="request">The request.</param>
    /// <param name="progress">Called for each step that the node reports, in order; null for none.</param>
    /// <param name="cancellation">Ends the wait; the node continues with the request.</param>
    /// <exception cref="ControlRefusedException">The node refused.</exception>
    /// <exception cref="ControlFailedException">The node does not know the request, or failed at it.</exception>
    /// <exception cref="NodeUnreachableException">The node ended before it answered.</exception>
    public async Task<TReply> Call<TRequest, TReply>(
        TRequest request, Action<ProgressReport>? progress = null, CancellationToken cancellation = default)
        where TRequest : IControlRequest<TReply>
    {
        var result = await Ask(id => Wire.Request(id, TRequest.Method, request, ControlJson.TypeOf<TRequest>()), progress, cancellation);
        return result.Deserialize(ControlJson.TypeOf<TReply>())
            ?? throw new ControlFailedException(ControlErrors.InternalError, $"The node sent no answer to `{TRequest.Method}`.");
    }

    /// <summary>Sends a request by its name.</summary>
    /// <inheritdoc cref="Call"/>
    public Task<JsonElement> Ask(string method, JsonElement parameters, CancellationToken cancellation) =>
        Ask(id => Wire.Request(id, method, parameters, ControlJson.TypeOf<JsonElement>()), null, cancellation);

    private async Task<JsonElement> Ask(Func<long, byte[]> line, Action<ProgressReport>? progress, CancellationToken cancellation)
    {
        var id = Interlocked.Increment(ref _lastId);
        var pending = new Pending(progress);
        _pending[id] = pending;
        try
        {
            await Write(line(id), cancellation);
            if (_ended is { } ended)
            {
                // The reader may have ended between our entry and its last look.
                pending.Answer.TrySetException(ended);
            }

            return await pending.Answer.Task.WaitAsync(cancellation);
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await _reading;
        _writing.Dispose();
    }

    private static NodeUnreachableException Foreign(ReleaseLayout layout, int owner) =>
        new($"The node at {layout.Root} belongs to user {owner}{AuditLog.NameOf(owner)}. Run the command as that user.");

    private static NodeUnreachableException NotRunning(ReleaseLayout layout, Exception? inner) =>
        new($"No node is running at {layout.Root}. Start it with `start`.", inner);

    private async Task Write(byte[] line, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            await _stream.WriteAsync(line, CancellationToken.None);
        }
        catch (IOException error)
        {
            throw _ended ?? Ended(error);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task Read()
    {
        Exception? reason = null;
        try
        {
            await foreach (var line in ControlLines.Read(_stream, Wire.LongestLine, CancellationToken.None))
            {
                using var document = JsonDocument.Parse(line);
                Take(document.RootElement);
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or OperationCanceledException
            or JsonException or LineTooLongException)
        {
            reason = error;
        }

        _ended = Ended(reason);
        foreach (var pending in _pending.Values)
        {
            pending.Answer.TrySetException(_ended);
        }
    }

    private void Take(JsonElement message)
    {
        if (message.TryGetProperty("method", out var method))
        {
            if (method.ValueEquals(Wire.Progress) && message.GetProperty("params") is var told && Find(told) is { } waiting)
            {
                waiting.Progress?.Invoke(new ProgressReport(
                    told.GetProperty("step").GetString()!, told.GetProperty("text").GetString()!));
            }
        }
        else if (message.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.Null && message.TryGetProperty("error", out var general))
        {
            // It belongs to no request, and so concerns all.
            foreach (var waits in _pending.Values)
            {
                waits.Answer.TrySetException(ErrorOf(general));
            }
        }
        else if (Find(message) is { } pending)
        {
            if (message.TryGetProperty("error", out var error))
            {
                pending.Answer.TrySetException(ErrorOf(error));
            }
            else
            {
                pending.Answer.TrySetResult(message.GetProperty("result").Clone());
            }
        }
    }

    private Pending? Find(JsonElement message) =>
        message.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.Number
            && _pending.TryGetValue(id.GetInt64(), out var pending) ? pending : null;

    private static Exception ErrorOf(JsonElement error)
    {
        var code = error.GetProperty("code").GetInt32();
        var message = error.GetProperty("message").GetString()!;
        return code == ControlErrors.Refused
            ? new ControlRefusedException(message, error.TryGetProperty("data", out var details) ? details.Clone() : null)
            : new ControlFailedException(code, message);
    }

    private NodeUnreachableException Ended(Exception? reason) =>
        new($"The node at {_where} ended before it answered. Its log is in {Path.Combine(_where, "run")}.", reason);

    private sealed class Pending(Action<ProgressReport>? progress)
    {
        public Action<ProgressReport>? Progress { get; } = progress;

        public TaskCompletionSource<JsonElement> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
