using System.Net;
using System.Net.Sockets;
using System.Text;
using Midflight.Tests.Processes;

namespace Midflight.Tests.Net;

/// <summary>Unix domain sockets are as sockets of TCP, and their file comes and goes with the listener.</summary>
public sealed class UnixSocketTests : ProcessTest, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mf-unix-").FullName;

    private UnixDomainSocketEndPoint Address => new(Path.Combine(_folder, "socket"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(TcpFraming.Line)]
    [InlineData(TcpFraming.Length)]
    public Task Two_processes_talk_by_one(TcpFraming framing) => Run(async () =>
    {
        var options = new TcpOptions { Framing = framing };
        var listener = Tcp.Listen(Address, options: options);
        var connected = await Tcp.Connect(Address, options);
        var accepted = (await Process.Receive<TcpAccepted>()).Socket;
        Assert.Equal($"{Address}", $"{listener.EndPoint}");
        Assert.Equal($"socket to {Address}", $"{connected}");
        Assert.Equal("socket from a Unix domain socket", $"{accepted}");

        Assert.True(await accepted.Send(framing == TcpFraming.Line ? "hello\n" : "hello"));

        Assert.Equal("hello", await Process.Receive() switch
        {
            TcpLine(_, var line) => line,
            TcpData(_, var bytes) => Encoding.UTF8.GetString(bytes.Span),
            var other => $"{other}",
        });
        accepted.Close();
        Assert.Null((await Process.Receive<TcpClosed>()).Error);
        Assert.Contains("Read its EndPoint", Assert.Throws<InvalidOperationException>(() => listener.LocalEndPoint).Message, StringComparison.Ordinal);
        listener.Close();
        Assert.False(File.Exists($"{Address}"));
    });

    [Fact]
    public Task A_client_that_never_reads_is_not_read_from_by_one_either() => Run(async () =>
    {
        Tcp.Listen(Address, options: new() { SendLimit = 10_000 });
        using var greedy = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await greedy.ConnectAsync(Address);
        var socket = (await Process.Receive<TcpAccepted>()).Socket;
        var refused = false;

        for (var i = 0; i < 10_000 && !refused; i++)
        {
            var sending = socket.Send(new string('x', 1000));
            refused = sending.IsCompleted && !await sending;
        }

        Assert.True(refused);
        Assert.InRange(socket.PendingBytes, 1, 10_000);
    });

    [Fact]
    public Task The_file_of_a_program_that_was_killed_is_taken_over_and_no_other() => Run(async () =>
    {
        // Bound and closed behind the back of .NET, which would delete the file.
        using (var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            killed.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, "bound")));
            killed.Listen();
            File.Move(Path.Combine(_folder, "bound"), $"{Address}");
        }

        var listener = Tcp.Listen(Address);
        await Tcp.Connect(Address);
        await Process.Receive<TcpAccepted>();

        // Somebody listens on it.
        Assert.Contains("Cannot listen on", Assert.Throws<SocketException>(() => Tcp.Listen(Address)).Message, StringComparison.Ordinal);
        await Tcp.Connect(Address);
        await Process.Receive<TcpAccepted>();
        listener.Close();

        // It is no socket at all, or a link to one.
        await File.WriteAllTextAsync($"{Address}", "mine");
        Assert.Throws<SocketException>(() => Tcp.Listen(Address));
        Assert.Equal("mine", await File.ReadAllTextAsync($"{Address}"));
    });

    [Fact]
    public Task Another_kind_of_address_is_refused() => Run(() =>
    {
        Assert.Contains("Give an IPEndPoint or a UnixDomainSocketEndPoint", Assert.Throws<ArgumentException>(() => Tcp.Listen(new DnsEndPoint("localhost", 0))).Message, StringComparison.Ordinal);
        return Task.CompletedTask;
    });
}
