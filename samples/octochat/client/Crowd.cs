using System.Net;
using System.Net.Sockets;

namespace OctochatClient;

/// <summary>Many clients of one server. Some talk all the time; all of them notice when they are dropped.</summary>
public sealed class Crowd : IAsyncDisposable
{
    private readonly List<Connection> _connections = [];
    private readonly List<Task> _running = [];
    private long _echoes;
    private long _longestWait;
    private int _dropped;
    private int _wrong;
    private volatile bool _quiet;

    private Crowd()
    {
    }

    /// <summary>The clients; those that talk come first.</summary>
    public IReadOnlyList<Connection> Connections => _connections;

    /// <summary>Lines answered since the last <see cref="Take"/>.</summary>
    public long Echoes => Interlocked.Read(ref _echoes);

    internal bool IsQuiet => _quiet;

    /// <summary>Opens connections to a server on this machine.</summary>
    /// <param name="port">Where it listens.</param>
    /// <param name="talking">Connections that talk all the time.</param>
    /// <param name="idle">Connections that do not.</param>
    public static async Task<Crowd> Connect(int port, int talking, int idle)
    {
        var crowd = new Crowd();

        for (var number = 0; number < talking + idle; number++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port);
            crowd._connections.Add(new Connection(crowd, socket, number, talks: number < talking));
        }

        crowd._running.AddRange(crowd._connections.Select(connection => connection.Run()));
        return crowd;
    }

    /// <summary>Asks every connection which version of the code answers.</summary>
    /// <returns>How many answered with each; connections that were dropped, or do not answer, under <c>silent</c>.</returns>
    public async Task<IReadOnlyDictionary<string, int>> Versions()
    {
        var answers = await Task.WhenAll(_connections.Select(Version));
        return answers.GroupBy(answer => answer).ToDictionary(same => same.Key, same => same.Count());

        static async Task<string> Version(Connection connection)
        {
            try
            {
                return await connection.Ask("?version");
            }
            catch (Exception lost) when (lost is IOException or TimeoutException or SocketException)
            {
                return "silent";
            }
        }
    }

    /// <summary>Counts and begins to count anew.</summary>
    public Tally Take()
    {
        foreach (var connection in _connections)
        {
            Longest(connection.Waiting);
        }

        return new(
            Interlocked.Exchange(ref _echoes, 0),
            new TimeSpan(Interlocked.Exchange(ref _longestWait, 0)),
            Interlocked.Exchange(ref _dropped, 0),
            Interlocked.Exchange(ref _wrong, 0));
    }

    internal void AddAnswer(TimeSpan wait)
    {
        Interlocked.Increment(ref _echoes);
        Longest(wait);
    }

    internal void AddWrong() => Interlocked.Increment(ref _wrong);

    internal void AddDropped() => Interlocked.Increment(ref _dropped);

    private void Longest(TimeSpan wait)
    {
        for (var known = Volatile.Read(ref _longestWait); wait.Ticks > known;)
        {
            var before = Interlocked.CompareExchange(ref _longestWait, wait.Ticks, known);

            if (before == known)
            {
                return;
            }

            known = before;
        }
    }

    /// <summary>Closes all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        _quiet = true;
        _connections.ForEach(connection => connection.Dispose());
        await Task.WhenAll(_running);
    }
}
