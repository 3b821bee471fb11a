using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Midflight.Host.Control;
using Midflight.Host.Control.Requests;
using Midflight.Releases.Packages;
using OctochatClient;
using static Midflight.Benchmarks.Workload;

namespace Midflight.Benchmarks.Workloads;

/// <summary>A server on TCP as a program of its own: a released octochat beside bench/beam/echo.erl.</summary>
internal static class Sockets
{
    internal static readonly Workload[] All =
    [
        new("start_tcp", "ms", () => OnOctochat(StartedAgain)) { Erlang = () => Started(Erlang(out var port), port) },
        new("tcp_echo", "k/s", () => OnOctochat(octochat => Echoes(Foreground(octochat), octochat.Port))) { Erlang = () => Echoes(Erlang(out var port), port) },
        new("silence", "ms", () => OnOctochat(UpgradedOctochat)) { Erlang = UpgradedErlang },
    ];

    private static readonly Workshop s_workshop = new(Workshop.FindRepository());

    private static async Task<double> OnOctochat(Func<Installation, Task<double>> measure)
    {
        await using var octochat = await Installation.Unpack("octochat", await s_workshop.Release("samples/octochat/0.1.0", "octochat", "0.1.0"));
        return await measure(octochat);
    }

    private static ProcessStartInfo Foreground(Installation octochat) => OnPort(
        new(Path.Combine(octochat.Root, "bin", "octochat"), ["foreground"]) { RedirectStandardOutput = true }, octochat.Port);

    private static ProcessStartInfo Erlang(out int port)
    {
        using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        port = ((IPEndPoint)probe.LocalEndpoint).Port;
        return OnPort(new("erl", ["-noshell", "-pa", Beam.Folder, "-s", "echo", "start"]), port);
    }

    private static ProcessStartInfo OnPort(ProcessStartInfo start, int port)
    {
        start.Environment["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        return start;
    }

    // The first start of all writes down which release is committed; every other one is as this.
    private static async Task<double> StartedAgain(Installation octochat)
    {
        await Started(Foreground(octochat), octochat.Port);
        return await Started(Foreground(octochat), octochat.Port);
    }

    // From the start of the program until its server has answered a line.
    private static async Task<double> Started(ProcessStartInfo start, int port)
    {
        var since = Stopwatch.GetTimestamp();
        using var server = System.Diagnostics.Process.Start(start)!;
        await FirstAnswer(port);
        var figure = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
        await End(server);
        return figure;
    }

    private static Task<double> Echoes(ProcessStartInfo start, int port) => Under(start, port, async crowd =>
    {
        var (before, since) = (crowd.Count, Stopwatch.GetTimestamp());
        await Elapsed(TimeSpan.FromSeconds(3));
        return (crowd.Count - before) / Stopwatch.GetElapsedTime(since).TotalMilliseconds;
    });

    // The release is unpacked by then; what is left is to load, compile, rehearse, switch and commit it. Asked for without the command, which
    // would be a program more on the same processors, as there is none on the other side.
    private static async Task<double> UpgradedOctochat(Installation octochat)
    {
        octochat.Deliver(await s_workshop.Release("samples/octochat/0.2.0", "octochat", "0.2.0", "0.1.0"));
        return await Under(Foreground(octochat), octochat.Port, async crowd =>
        {
            (await octochat.Do("unpack", "0.2.0")).Expect("unpack");
            await using var control = await ControlClient.Connect(new ReleaseLayout(octochat.Root));
            return await crowd.Silence(() => control.Call<InstallRequest, InstallReply>(new("0.2.0")));
        });
    }

    private static Task<double> UpgradedErlang() => Under(Erlang(out var port), port, async crowd =>
    {
        using var control = await Connect(port);
        await Say(control, "prepare\n"u8.ToArray(), "prepared\n");
        return await crowd.Silence(() => Say(control, "upgrade\n"u8.ToArray(), "upgraded\n"));
    });

    // 1,000 connections that are silent and 100 that each send the next line when the one before is answered.
    private static async Task<double> Under(ProcessStartInfo start, int port, Func<Crowd, Task<double>> measure)
    {
        using var server = System.Diagnostics.Process.Start(start)!;
        await FirstAnswer(port);
        double figure;

        await using (var crowd = await Crowd.Connect(port, idle: 1_000, busy: 100))
        {
            // The server's code is compiled while it is used.
            await Elapsed(TimeSpan.FromSeconds(3));
            figure = await measure(crowd);
        }

        await End(server);
        return figure;
    }

    private sealed class Crowd : IAsyncDisposable
    {
        private readonly Socket[] _sockets;
        private readonly Task _talking;
        private long _count;
        private long _longest;
        private bool _isOver;

        private Crowd(Socket[] sockets, int busy)
        {
            _sockets = sockets;
            _talking = Task.WhenAll(sockets.Take(busy).Select(socket => Task.Run(() => Talk(socket))));
        }

        internal static async Task<Crowd> Connect(int port, int idle, int busy)
        {
            var sockets = new Socket[idle + busy];

            for (var i = 0; i < sockets.Length; i++)
            {
                sockets[i] = await Sockets.Connect(port);
            }

            return new(sockets, busy);
        }

        /// <summary>Lines answered.</summary>
        internal long Count => Interlocked.Read(ref _count);

        /// <summary>The longest that any line waited for its answer, in ms, from the beginning of an upgrade until a second after it; all have the new code then.</summary>
        internal async Task<double> Silence(Func<Task> upgrade)
        {
            Interlocked.Exchange(ref _longest, 0);
            await upgrade();
            await Elapsed(TimeSpan.FromSeconds(1));
            var longest = Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _longest)).TotalMilliseconds;
            await Stop();

            foreach (var socket in _sockets)
            {
                await Say(socket, "?version\n"u8.ToArray(), "version: 2\n");
            }

            return longest;
        }

        private async Task Talk(Socket socket)
        {
            var line = "0123456789012345678901234567890\n"u8.ToArray();
            var buffer = new byte[256];

            while (!Volatile.Read(ref _isOver))
            {
                var since = Stopwatch.GetTimestamp();
                await Ask(socket, line, buffer);
                var took = Stopwatch.GetTimestamp() - since;
                Interlocked.Increment(ref _count);

                for (var seen = Interlocked.Read(ref _longest); took > seen;)
                {
                    seen = Interlocked.CompareExchange(ref _longest, took, seen) is var was && was == seen ? took : was;
                }
            }
        }

        private Task Stop()
        {
            Volatile.Write(ref _isOver, true);
            return _talking;
        }

        public async ValueTask DisposeAsync()
        {
            await Stop();

            foreach (var socket in _sockets)
            {
                socket.Dispose();
            }
        }
    }

    private static Task Elapsed(TimeSpan time) => Task.Delay(time, TimeProvider.System);

    private static async Task FirstAnswer(int port)
    {
        while (true)
        {
            if (await TryConnect(port) is { } socket)
            {
                using (socket)
                {
                    await Ask(socket, "hi\n"u8.ToArray(), new byte[256]);
                    return;
                }
            }

            await Elapsed(TimeSpan.FromMilliseconds(1));
        }
    }

    private static async Task<Socket> Connect(int port) => await TryConnect(port) ?? throw new IOException($"Nobody listens on port {port} any more.");

    // Null where nobody listens. Without an exception for it: some hundreds would take a processor that the server needs.
    private static async Task<Socket?> TryConnect(int port)
    {
        var done = new TaskCompletionSource<SocketError>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var attempt = new SocketAsyncEventArgs { RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, port) };
        attempt.Completed += (_, completed) => done.SetResult(completed.SocketError);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        if (!socket.ConnectAsync(attempt))
        {
            done.SetResult(attempt.SocketError);
        }

        var outcome = await done.Task;

        if (outcome == SocketError.Success)
        {
            return socket;
        }

        socket.Dispose();
        return outcome == SocketError.ConnectionRefused ? null : throw new SocketException((int)outcome);
    }

    private static async Task Ask(Socket socket, ReadOnlyMemory<byte> line, Memory<byte> buffer)
    {
        var answer = buffer[..await Answer(socket, line, buffer)];
        Require(answer.Span.StartsWith("echo: "u8) && answer.Length == "echo: ".Length + line.Length);
    }

    private static async Task Say(Socket socket, ReadOnlyMemory<byte> line, string answer)
    {
        var buffer = new byte[256];
        Require(Encoding.UTF8.GetString(buffer.AsSpan(0, await Answer(socket, line, buffer))) == answer);
    }

    private static async Task<int> Answer(Socket socket, ReadOnlyMemory<byte> line, Memory<byte> buffer)
    {
        await socket.SendAsync(line);
        var length = 0;

        do
        {
            var received = await socket.ReceiveAsync(buffer[length..]);
            Require(received > 0);
            length += received;
        }
        while (buffer.Span[length - 1] != '\n');

        return length;
    }

    private static async Task End(System.Diagnostics.Process server)
    {
        server.Kill(entireProcessTree: true);
        await server.WaitForExitAsync();
    }
}
