using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Midflight.Host.Control;

/// <summary>Reads the parameters, runs the handler, and writes the answer.</summary>
internal delegate ValueTask<byte[]> ControlHandling(
    JsonElement id, JsonElement parameters, ControlProgress progress, CancellationToken stopping);

/// <summary>A method of the control channel.</summary>
/// <param name="Changes">Whether it is written to the audit log.</param>
/// <param name="Handle">Carries it out.</param>
internal sealed record ControlMethod(bool Changes, ControlHandling Handle);

/// <summary>The one door into a running node: JSON-RPC 2.0, an object a line, on a Unix domain socket.</summary>
/// <remarks>
/// Who may write to the socket may do everything, so it has mode 0600 in a folder of mode 0700. The caller holds the
/// <see cref="NodeLock"/> of the release; so a socket that is there already is that of a node which was killed.
/// </remarks>
/// <param name="socket">Where it listens.</param>
/// <param name="logger">Where it logs.</param>
/// <param name="time">The clock.</param>
/// <param name="longestLine">Bytes of the longest line that is read.</param>
/// <param name="audit">Told of every request that changes something; null for nobody.</param>
internal sealed class ControlServer(string socket, ILogger logger, TimeProvider time, int longestLine = Wire.LongestLine, AuditLog? audit = null)
    : IAsyncDisposable
{
    // Served at once; few enough that the open files which connections of the service leave are enough for these, and for an upgrade.
    private static readonly int s_mostClients = Math.Clamp(Descriptors.OfProcess.Reserve / 2, 8, 128);

    // What unfinished lines of all clients may take.
    private const long MostUnfinished = 4L * Wire.LongestLine;

    // How long a stopping node waits for clients that do not read their last answer.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, ControlMethod> _methods = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, Socket> _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ControlBudget _budget = new(MostUnfinished);
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    /// <summary>Registers what carries out a request; before <see cref="Start"/>, once for each method.</summary>
    public ControlServer Handle<TRequest, TReply>(ControlHandler<TRequest, TReply> handler)
        where TRequest : IControlRequest<TReply>
    {
        _methods.Add(TRequest.Method, new(TRequest.Changes, async (id, parameters, progress, stopping) => Wire.Result(
            id, await handler(Read<TRequest>(parameters), progress, stopping), ControlJson.TypeOf<TReply>())));
        return this;
    }

    /// <summary>Opens the door.</summary>
    /// <exception cref="SocketException">The folder may not be written.</exception>
    public void Start()
    {
        var folder = Path.GetDirectoryName(socket)!;
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, mine | UnixFileMode.UserExecute);
            File.SetUnixFileMode(folder, mine | UnixFileMode.UserExecute);
        }

        File.Delete(socket);
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using (var address = new ControlAddress(socket))
        {
            _listener.Bind(address.EndPoint);
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(socket, mine);
        }

        _listener.Listen(backlog: 128);
        _accepting = Accept(_listener);
        ControlLog.Listening(logger, socket);
    }

    /// <summary>
    /// Closes the door: no new clients, handlers are cancelled, answers under way are still written. A handler must
    /// not wait for this, because this waits for it.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_listener is null || _stopping.IsCancellationRequested)
        {
            return;
        }

        File.Delete(socket);

        // In this order: who has just taken a client and goes for the next one must know why there is no listener any more.
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        var served = Task.WhenAll(_connections.Keys);
        if (await Task.WhenAny(served, Task.Delay(Farewell, time)) != served)
        {
            foreach (var connection in _connections.Values)
            {
                connection.Dispose();
            }
        }
    }

    private async Task Accept(Socket listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await listener.AcceptAsync(_stopping.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException
                && _stopping.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException)
            {
                // A client that went away while it was waiting, or too many open files: the next may do.
                await Task.Delay(TimeSpan.FromMilliseconds(10), time);
                continue;
            }

            if (_connections.Count >= s_mostClients)
            {
                ControlLog.TooManyClients(logger, s_mostClients);
                TurnAway(client);
                continue;
            }

            var serving = Task.Run(() => Serve(client));
            _connections[serving] = client;
            _ = serving.ContinueWith(done => _connections.TryRemove(done, out _), TaskScheduler.Default);
        }
    }

    private async Task Serve(Socket client)
    {
        using var connection = new ControlConnection(client, _methods, longestLine, _budget, audit, logger, time, _stopping.Token);
        await connection.Serve();
    }

    // A few bytes have room in every new socket; who does not take them is gone.
    private static void TurnAway(Socket client)
    {
        using (client)
        {
            client.Blocking = false;
            client.Send(
                Wire.Error(default, ControlErrors.TooManyClients, $"{s_mostClients} clients are connected, which is this node's limit. Try again when one of them has disconnected."),
                SocketFlags.None,
                out _);
        }
    }

    private static TRequest Read<TRequest>(JsonElement parameters)
    {
        try
        {
            // A request without parameters may leave them out.
            return (parameters.ValueKind is JsonValueKind.Undefined
                ? JsonSerializer.Deserialize("{}", ControlJson.TypeOf<TRequest>())
                : parameters.Deserialize(ControlJson.TypeOf<TRequest>()))
                ?? throw new InvalidParametersException("they are null.");
        }
        catch (JsonException error)
        {
            throw new InvalidParametersException(error.Message);
        }
    }
}

/// <summary>The parameters are not those of the request.</summary>
internal sealed class InvalidParametersException(string message) : Exception(message);
