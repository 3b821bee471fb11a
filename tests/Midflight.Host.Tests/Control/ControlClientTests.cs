using System.Text.Json;
using Midflight.Host.Control;
using Midflight.Host.Control.Requests;
using Midflight.Releases.Packages;
using Midflight.Testing;

namespace Midflight.Host.Tests.Control;

public sealed class ControlClientTests : IDisposable
{
    private readonly ControlFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Progress_is_told_in_order_before_the_answer()
    {
        await using var server = _fixture.Server().Handle<InstallRequest, InstallReply>((request, progress, _) =>
        {
            for (var step = 0; step < 100; step++)
            {
                progress.Report("rehearse", $"{step} of 100");
            }

            return ValueTask.FromResult(new InstallReply("0.1.0", request.Version, "hot", "permanent", 5, 7, 1.5, []));
        });
        server.Start();
        await using var client = await ControlClient.Connect(_fixture.Layout);
        List<string> told = [];

        var reply = await client.Call<InstallRequest, InstallReply>(new("0.2.0"), report => told.Add(report.Text));

        Assert.Equal(Enumerable.Range(0, 100).Select(step => $"{step} of 100"), told);
        Assert.Equal(("0.1.0", "0.2.0", 1.5), (reply.From, reply.To, reply.SwitchMilliseconds));
    }

    [Fact]
    public async Task A_refusal_arrives_as_a_refusal_with_its_sentence_and_details()
    {
        await using var server = _fixture.Server().Handle<RemoveRequest, RemoveReply>((request, _, _) =>
            throw new ControlRefusedException(
                $"Release {request.Version} is permanent.", JsonSerializer.SerializeToElement(new { request.Version })));
        server.Start();
        await using var client = await ControlClient.Connect(_fixture.Layout);

        var refused = await Assert.ThrowsAsync<ControlRefusedException>(() => client.Call<RemoveRequest, RemoveReply>(new("0.1.0")));

        Assert.Equal("Release 0.1.0 is permanent.", refused.Message);
        Assert.Equal("0.1.0", refused.Details!.Value.GetProperty("Version").GetString());
    }

    [Fact]
    public async Task A_request_that_the_node_does_not_know_fails_by_name()
    {
        await using var server = _fixture.Server();
        server.Start();
        await using var client = await ControlClient.Connect(_fixture.Layout);

        var failed = await Assert.ThrowsAsync<ControlFailedException>(() => client.Call<PingRequest, PingReply>(new()));

        Assert.Equal(ControlErrors.MethodNotFound, failed.Code);
    }

    [Fact]
    public async Task Those_who_look_whether_a_node_runs_do_not_take_each_other_for_one()
    {
        using (await NodeLock.Take(_fixture.Layout, TimeProvider.System))
        {
            Assert.True(NodeLock.IsTaken(_fixture.Layout));
        }

        using var another = new FileStream(_fixture.Layout.LockFile, FileMode.Open, FileAccess.Read, FileShare.Read);
        Assert.False(NodeLock.IsTaken(_fixture.Layout));
    }

    [Fact]
    public async Task Where_no_node_runs_the_client_says_so()
    {
        var error = await Assert.ThrowsAsync<NodeUnreachableException>(() => ControlClient.Connect(_fixture.Layout));

        Assert.Equal($"No node is running at {_fixture.Layout.Root}. Start it with `start`.", error.Message);
    }

    [Fact]
    public async Task Where_a_killed_node_left_its_socket_no_node_runs()
    {
        Directory.CreateDirectory(_fixture.Layout.Run);
        File.WriteAllText(_fixture.Layout.ControlSocket, "");

        var error = await Assert.ThrowsAsync<NodeUnreachableException>(() => ControlClient.Connect(_fixture.Layout));

        Assert.Equal($"No node is running at {_fixture.Layout.Root}. Start it with `start`.", error.Message);
    }

    [Fact]
    public async Task A_node_that_ends_in_the_middle_fails_what_waits()
    {
        Directory.CreateDirectory(_fixture.Layout.Run);
        using var dying = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        dying.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(_fixture.Layout.ControlSocket));
        dying.Listen();
        await using var client = await ControlClient.Connect(_fixture.Layout);
        using var accepted = await dying.AcceptAsync();
        var call = client.Call<PingRequest, PingReply>(new());

        accepted.Dispose();

        var error = await Assert.ThrowsAsync<NodeUnreachableException>(() => call);
        Assert.StartsWith($"The node at {_fixture.Layout.Root} ended before it answered.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_with_a_path_too_long_for_a_socket_will_do()
    {
        var deep = new ReleaseLayout(Path.Combine(_fixture.Layout.Root, new string('d', 100), new string('e', 100)));
        await using var server = new ControlServer(
            deep.ControlSocket, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, TimeProvider.System)
            .Handle<PingRequest, PingReply>((_, _, _) => ValueTask.FromResult(new PingReply("demo", "0.1.0", 1)));
        server.Start();

        await using var client = await ControlClient.Connect(deep);

        Assert.Equal(new PingReply("demo", "0.1.0", 1), await client.Call<PingRequest, PingReply>(new()));
    }

    [Fact]
    public async Task A_node_has_its_folder_for_itself()
    {
        using (await NodeLock.Take(_fixture.Layout, TimeProvider.System))
        {
            var time = new ManualTime();
            var second = NodeLock.Take(_fixture.Layout, time);
            Assert.False(second.IsCompleted);

            // Until the time is over: a pause may have begun behind it.
            while (!second.IsCompleted)
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                await Task.Yield();
            }

            var error = await Assert.ThrowsAsync<NodeRunningException>(() => second);

            Assert.Equal(
                $"A node is already running at {_fixture.Layout.Root}, as process {Environment.ProcessId}. Stop it first with `stop`.",
                error.Message);
            Assert.True(NodeLock.IsTaken(_fixture.Layout));
            Assert.Equal(Environment.ProcessId, NodeLock.PidOf(_fixture.Layout));
        }

        Assert.False(NodeLock.IsTaken(_fixture.Layout));
        Assert.Null(NodeLock.PidOf(_fixture.Layout));
    }

    [Fact]
    public async Task Who_only_looks_whether_a_node_runs_does_not_keep_one_from_starting()
    {
        Directory.CreateDirectory(_fixture.Layout.Run);
        var time = new ManualTime();
        Task<NodeLock> taking;

        // As NodeLock.IsTaken holds it for a moment.
        using (new FileStream(_fixture.Layout.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            taking = NodeLock.Take(_fixture.Layout, time);
            Assert.False(taking.IsCompleted);
        }

        while (!taking.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(5));
            await Task.Yield();
        }

        using var taken = await taking;
        Assert.True(NodeLock.IsTaken(_fixture.Layout));
    }

    [Fact]
    public async Task The_pid_of_a_killed_node_means_nothing()
    {
        Directory.CreateDirectory(_fixture.Layout.Run);
        File.WriteAllText(_fixture.Layout.PidFile, "1\n");
        File.WriteAllText(_fixture.Layout.LockFile, "");

        Assert.False(NodeLock.IsTaken(_fixture.Layout));
        using var taken = await NodeLock.Take(_fixture.Layout, TimeProvider.System);
        Assert.Equal(Environment.ProcessId, NodeLock.PidOf(_fixture.Layout));
    }
}
