using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Midflight.Host.Control;

/// <summary>One client: reads its requests, runs them concurrently, writes the answers.</summary>
internal sealed class ControlConnection(
    Socket socket,
    IReadOnlyDictionary<string, ControlMethod> methods,
    int longestLine,
    ControlBudget budget,
    AuditLog? audit,
    ILogger logger,
    TimeProvider time,
    CancellationToken stopping)
    : IDisposable
{
    // Running, or with an answer that is not written yet; further requests are not read until one of these is done.
    private const int MostRequests = 64;

    // How long a client may leave its answers unread.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private const int LongestId = 1000;

    // Lines that wait for a slow reader. Progress beyond that is dropped, answers wait.
    private const int MostWaitingLines = 1024;

    // How often a client that has used all its room is checked: it may have gone.
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly Channel<Outgoing> _outgoing = Channel.CreateBounded<Outgoing>(
        new BoundedChannelOptions(MostWaitingLines) { SingleReader = true });

    private readonly CancellationTokenSource _gone = new();

    private readonly ConcurrentDictionary<Task, bool> _requests = new();

    private readonly SemaphoreSlim _room = new(MostRequests);

    // Nothing more is read: the node is stopping, or what is written does not arrive.
    private readonly CancellationTokenSource _reading = CancellationTokenSource.CreateLinkedTokenSource(stopping);

    /// <summary>Serves the client until it goes away or the node stops.</summary>
    public async Task Serve()
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var writing = WriteLines(stream);
        try
        {
            await foreach (var line in ControlLines.Read(stream, longestLine, _reading.Token, budget))
            {
                if (!await HasRoom())
                {
                    break;
                }

                Start(line);
            }
        }
        catch (LineTooLongException tooLong)
        {
            ControlLog.LineTooLong(logger, longestLine);
            _outgoing.Writer.TryWrite(new(
                Wire.Error(
                    default,
                    ControlErrors.LineTooLong,
                    tooLong.IsCrowded
                        ? "There is no room for such a long line beside those of other clients. Send it when they are done."
                        : $"A line has more than {longestLine} bytes. Send less at once."),
                HasRoom: false));
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // The client broke off, or the node is stopping.
        }

        // A client that only closed its writing side (`… | socat`) waits for its answers, so it is not gone.
        if (!stopping.IsCancellationRequested && !SocketPeer.IsGone(socket))
        {
            await Task.WhenAny(Task.WhenAll(_requests.Keys), writing);
        }

        await _gone.CancelAsync();
        await Task.WhenAll(_requests.Keys);
        _outgoing.Writer.TryComplete();
        await writing;
    }

    public void Dispose()
    {
        _gone.Dispose();
        _reading.Dispose();
        _room.Dispose();
        socket.Dispose();
    }

    // Waits for room for one more request; false if the client has gone meanwhile.
    private async ValueTask<bool> HasRoom()
    {
        while (!await _room.WaitAsync(s_look, _reading.Token))
        {
            if (SocketPeer.IsGone(socket))
            {
                return false;
            }
        }

        return true;
    }

    private void Start(ReadOnlyMemory<byte> line)
    {
        var request = Task.Run(() => Answer(line), CancellationToken.None);
        _requests[request] = true;
        _ = request.ContinueWith(done => _requests.TryRemove(done, out _), TaskScheduler.Default);
    }

    private async Task Answer(ReadOnlyMemory<byte> line)
    {
        var waits = false;

        try
        {
            waits = await AnswerTo(line) is { } answer && await Send(answer);
        }
        finally
        {
            if (!waits)
            {
                _room.Release();
            }
        }
    }

    // Every line is answered, whatever it contains.
    private async Task<byte[]?> AnswerTo(ReadOnlyMemory<byte> line)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(line);
        }
        catch (JsonException error)
        {
            return Wire.Error(default, ControlErrors.ParseError, $"The line is not JSON: {error.Message}");
        }

        using (document)
        {
            try
            {
                return await Answer(document.RootElement);
            }
            // A name or text that is not Unicode: JSON accepts it, and .NET reports it when it is read.
            catch (InvalidOperationException error)
            {
                return Wire.Error(default, ControlErrors.InvalidRequest, $"The request cannot be read: {error.Message}");
            }
        }
    }

    // Null for a notification, which has no id and gets no answer.
    private async Task<byte[]?> Answer(JsonElement request)
    {
        if (request.ValueKind is not JsonValueKind.Object
            || !request.TryGetProperty("jsonrpc", out var rpc) || rpc.ValueKind is not JsonValueKind.String || !rpc.ValueEquals("2.0")
            || !request.TryGetProperty("method", out var name) || name.ValueKind is not JsonValueKind.String)
        {
            return Wire.Error(default, ControlErrors.InvalidRequest,
                "A request is an object {\"jsonrpc\":\"2.0\",\"id\":…,\"method\":…,\"params\":{…}}; batches are not supported.");
        }

        var wantsAnswer = request.TryGetProperty("id", out var id);
        if (wantsAnswer && id.ValueKind is not (JsonValueKind.Number or JsonValueKind.String or JsonValueKind.Null))
        {
            return Wire.Error(default, ControlErrors.InvalidRequest, "The id of a request is a number or a string.");
        }

        if (wantsAnswer && id.GetRawText().Length > LongestId)
        {
            return Wire.Error(default, ControlErrors.InvalidRequest, $"The id of a request has {LongestId} characters at most.");
        }

        if (NameIn(name) is not { } method)
        {
            return wantsAnswer ? Wire.Error(id, ControlErrors.MethodNotFound, "The name of the method is not valid Unicode.") : null;
        }

        var answer = !methods.TryGetValue(method, out var run)
            ? Wire.Error(id, ControlErrors.MethodNotFound,
                $"This node knows no method \"{method}\". It knows {string.Join(", ", methods.Keys.Order(StringComparer.Ordinal))}.")
            : await Run(method, run, request, id);
        return wantsAnswer ? answer : null;
    }

    private static string? NameIn(JsonElement name)
    {
        try
        {
            return name.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private async Task<byte[]> Run(string method, ControlMethod run, JsonElement request, JsonElement id)
    {
        request.TryGetProperty("params", out var parameters);
        var told = run.Changes ? audit?.Begin(socket, method, parameters) : null;
        var (answer, outcome) = await Outcome(method, run, parameters, id);
        told?.Invoke(outcome);
        return answer;
    }

    private async Task<(byte[] Answer, string Outcome)> Outcome(string method, ControlMethod run, JsonElement parameters, JsonElement id)
    {
        var progress = new ControlProgress(report => _outgoing.Writer.TryWrite(new(Wire.ProgressOf(id, report), HasRoom: false)), _gone.Token);
        try
        {
            return (await run.Handle(id, parameters, progress, stopping), "ok");
        }
        catch (ControlRefusedException refused)
        {
            return (Wire.Error(id, ControlErrors.Refused, refused.Message, refused.Details), $"refused: {refused.Message}");
        }
        catch (InvalidParametersException error)
        {
            return (Wire.Error(id, ControlErrors.InvalidParams, $"The parameters of `{method}` cannot be read: {error.Message}"), "cannot be read");
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return (Wire.Error(id, ControlErrors.Stopping, $"The node stopped before `{method}` was done."), "not done: the node stopped");
        }
        catch (Exception error)
        {
            // A handler must not take the channel down: the client is told, and so is the log.
            ControlLog.RequestFailed(logger, method, error);
            return (Wire.Error(id, ControlErrors.InternalError, $"`{method}` failed: {error.GetType().Name}: {error.Message}"), $"failed: {error.Message}");
        }
    }

    // Whether it now waits to be written, with the room of its request.
    private async ValueTask<bool> Send(byte[] answer)
    {
        try
        {
            await _outgoing.Writer.WriteAsync(new(answer, HasRoom: true), CancellationToken.None);
            return true;
        }
        catch (ChannelClosedException)
        {
            // The client is gone: nobody waits for the answer.
            return false;
        }
    }

    private async Task WriteLines(NetworkStream stream)
    {
        try
        {
            await foreach (var line in _outgoing.Reader.ReadAllAsync(CancellationToken.None))
            {
                await stream.WriteAsync(line.Bytes, CancellationToken.None).AsTask().WaitAsync(s_patience, time);

                if (line.HasRoom)
                {
                    _room.Release();
                }
            }
        }
        catch (TimeoutException)
        {
            // It reads nothing, so nobody waits for it any longer.
            ControlLog.NotRead(logger, s_patience);
        }
        catch (IOException)
        {
            // The client is gone.
        }
        finally
        {
            // Later lines are refused at once instead of waiting for room, and no more requests are read.
            _outgoing.Writer.TryComplete();
            await _reading.CancelAsync();
        }
    }

    /// <param name="Bytes">A line.</param>
    /// <param name="HasRoom">Whether it is the answer of a request, whose room is free when it is written.</param>
    private readonly record struct Outgoing(byte[] Bytes, bool HasRoom);
}
