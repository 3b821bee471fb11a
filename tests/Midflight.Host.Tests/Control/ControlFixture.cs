using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Midflight.Host.Control;
using Midflight.Releases.Packages;

namespace Midflight.Host.Tests.Control;

/// <summary>A temporary release folder, servers in it, and clients that know nothing of ours.</summary>
public sealed class ControlFixture : IDisposable
{
    public ControlFixture() => Layout = new(Directory.CreateTempSubdirectory("midflight-control-").FullName);

    public ReleaseLayout Layout { get; }

    internal ControlServer Server(int longestLine = Wire.LongestLine) =>
        new(Layout.ControlSocket, NullLogger.Instance, TimeProvider.System, longestLine);

    public void Dispose() => Directory.Delete(Layout.Root, recursive: true);

    internal RawClient Raw()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(Layout.ControlSocket));
        return new RawClient(socket);
    }

    internal sealed class RawClient(Socket socket) : IDisposable
    {
        private readonly StreamReader _reader = new(new NetworkStream(socket));

        public Socket Socket => socket;

        public void Send(string text) => socket.Send(Encoding.UTF8.GetBytes(text));

        public async Task<JsonElement> Line() =>
            JsonSerializer.Deserialize<JsonElement>(await _reader.ReadLineAsync() ?? throw new EndOfStreamException());

        public async Task<string?> End() => await _reader.ReadLineAsync();

        public void Dispose()
        {
            _reader.Dispose();
            socket.Dispose();
        }
    }
}

internal sealed record EchoRequest(string Text) : IControlRequest<EchoReply>
{
    public static string Method => "echo";
}

internal sealed record EchoReply(string Text);

internal sealed record WaitRequest : IControlRequest<EchoReply>
{
    public static string Method => "wait";
}
