using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
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
    ];

    private static readonly Lazy<Task<string>> s_package = new(() =>
        new Workshop(Workshop.FindRepository()).Release("samples/octochat/0.1.0", "octochat", "0.1.0"));

    private static async Task<double> OnOctochat(Func<Installation, Task<double>> measure)
    {
        await using var octochat = await Installation.Unpack("octochat", await s_package.Value);
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

    // 1,000 connections that are silent and 100 that each send the next line when the one before is answered.
    private static async Task<double> Echoes(ProcessStartInfo start, int port)
    {
        const int Idle = 1_000;
        const int Busy = 100;
        using var server = System.Diagnostics.Process.Start(start)!;
        await FirstAnswer(port);
        var sockets = new Socket[Idle + Busy];

        for (var i = 0; i < sockets.Length; i++)
        {
            sockets[i] = await Connect(port);
        }

        var count = 0L;
        var over = false;
        var talking = sockets.Take(Busy).Select(socket => Task.Run(async () =>
        {
            var buffer = new byte[256];

            while (!Volatile.Read(ref over))
            {
                await Ask(socket, "0123456789012345678901234567890\n"u8.ToArray(), buffer);
                Interlocked.Increment(ref count);
            }
        })).ToArray();

        // The server's code is compiled while it is used.
        await Elapsed(TimeSpan.FromSeconds(3));
        var (before, since) = (Interlocked.Read(ref count), Stopwatch.GetTimestamp());
        await Elapsed(TimeSpan.FromSeconds(3));
        var figure = (Interlocked.Read(ref count) - before) / Stopwatch.GetElapsedTime(since).TotalMilliseconds;
        Volatile.Write(ref over, true);
        await Task.WhenAll(talking);

        foreach (var socket in sockets)
        {
            socket.Dispose();
        }

        await End(server);
        return figure;
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
        await socket.SendAsync(line);
        var length = 0;

        do
        {
            var received = await socket.ReceiveAsync(buffer[length..]);
            Require(received > 0);
            length += received;
        }
        while (buffer.Span[length - 1] != '\n');

        Require(buffer.Span[..length].StartsWith("echo: "u8) && length == "echo: ".Length + line.Length);
    }

    private static async Task End(System.Diagnostics.Process server)
    {
        server.Kill(entireProcessTree: true);
        await server.WaitForExitAsync();
    }
}
