using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace EndToEnd.Tests;

/// <summary>What clients do does not end the node, and other clients notice nothing.</summary>
[Trait("Category", "EndToEnd")]
public sealed class WallTests
{
    [Fact]
    public Task A_client_that_sends_and_never_reads_ends_nobody() => Scene.Play(Releases.Octochat("0.1.0"), async octochat =>
    {
        // 128 MB.
        octochat.Set("DOTNET_GCHeapHardLimit", "0x8000000");
        await octochat.Start();
        await using var crowd = await Crowd.Connect(octochat.Port, talking: 10, idle: 40);
        using var greedy = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await greedy.ConnectAsync(IPAddress.Loopback, octochat.Port);
        greedy.Blocking = false;
        var line = Encoding.ASCII.GetBytes(new string('x', 60_000) + "\n");
        var sent = 0L;
        var stands = 0;

        // Until the node takes no more of it: it went on for ever before.
        await Steps.Until("the node reads no more", () =>
        {
            var now = greedy.Send(line, SocketFlags.None, out _);
            sent += now;
            stands = now > 0 ? 0 : stands + 1;
            Assert.True(sent < 200_000_000, "The node takes all that comes.");
            return stands > 100;
        });

        await crowd.Answers(1);
        await octochat.Upgrade(await Releases.Octochat("0.2.0"));
        await crowd.Answers(2);
    });

    [Fact]
    public Task More_clients_than_open_files_are_served_as_far_as_they_fit_and_the_rest_when_there_is_room() => Scene.Play(Releases.Octochat("0.1.0"), async octochat =>
    {
        const int Clients = 400;
        (await Command.Run("/bin/sh", ["-c", $"ulimit -n 256; PORT={octochat.Port} exec {octochat.Root}/bin/octochat start"])).Expect("The start");
        var clients = new List<Client>();

        for (var i = 0; i < Clients; i++)
        {
            clients.Add(await Client.Connect(octochat.Port));
        }

        // Those that fit are served, in the order in which they came.
        Assert.Equal("version: 1", await clients[0].Ask("?version"));
        Assert.Equal("version: 1", await clients[40].Ask("?version"));
        var last = clients[^1].Ask("?version");

        await octochat.Status();
        await octochat.Upgrade(await Releases.Octochat("0.2.0"));
        Assert.Equal("version: 2", await clients[0].Ask("?version"));
        Assert.False(last.IsCompleted);

        foreach (var client in clients[..^1])
        {
            client.Dispose();
        }

        Assert.Equal("version: 2", await last);
        // Said once a minute at most.
        var said = File.ReadLines(octochat.LogFile).Where(written => written.Contains("has stopped accepting for now: nearly all of the 256 files", StringComparison.Ordinal))
            .Select(written => DateTime.Parse(written[..23], CultureInfo.InvariantCulture)).ToList();
        Assert.NotEmpty(said);
        Assert.All(said.Zip(said.Skip(1)), pair => Assert.True(pair.Second - pair.First > TimeSpan.FromSeconds(59), $"{pair.First:O}, {pair.Second:O}"));
        clients[^1].Dispose();
    });

    [Fact]
    public Task A_release_with_a_changed_bit_is_refused_and_one_that_cannot_start_falls_back() => Scene.Play(Releases.Octochat("0.1.0"), async octochat =>
    {
        await octochat.Start();
        octochat.Deliver(await Releases.Octochat("0.2.0"));
        await octochat.Succeed("unpack", "0.2.0");
        var dll = Path.Combine(octochat.Root, "lib", "octochat-0.2.0", "Octochat.dll");
        Flip(dll);

        foreach (var verb in "check upgrade".Split(' '))
        {
            Assert.Contains("Octochat.dll: it is not the release's own file (wrong digest)", await octochat.Fail(verb, "0.2.0"), StringComparison.Ordinal);
        }

        Flip(dll);
        await octochat.Succeed("upgrade", "0.2.0");
        await octochat.Succeed("stop");

        // What .NET reads before Midflight can look.
        File.WriteAllText(Path.Combine(octochat.Root, "releases", "0.2.0", "runtimeconfig.json"), "{ damaged");
        Assert.Contains("0.1.0", await octochat.Succeed("start"), StringComparison.Ordinal);
        Assert.Contains("Release 0.2.0 cannot be started", File.ReadAllText(octochat.LogFile), StringComparison.Ordinal);
        Assert.Equal("permanent", await octochat.StatusOf("0.1.0"));
        await octochat.Succeed("remove", "0.2.0");
        await octochat.Succeed("upgrade", "0.2.0");
        await octochat.Succeed("stop");

        // What Midflight looks at.
        Flip(dll);
        Assert.Contains("0.1.0", await octochat.Succeed("start"), StringComparison.Ordinal);
        Assert.Contains("So 0.1.0, the release that was committed before, is started.", File.ReadAllText(octochat.LogFile), StringComparison.Ordinal);
    });

    [Fact]
    public Task What_a_service_does_to_its_own_threads_its_stack_and_its_memory_does_not_end_the_node() => Scene.Play(Releases.Lab("1.0.0"), async lab =>
    {
        lab.Set("DOTNET_GCHeapHardLimit", "0x10000000");
        lab.Set("MIDFLIGHT_LOG_BYTES", "4000");
        lab.Set("MIDFLIGHT_LOG_FILES", "100");
        await lab.Start();
        var node = lab.Node()!.Id;
        using var client = await Client.Connect(lab.Port);

        foreach (var how in "thread pool timer finalizer".Split(' '))
        {
            Assert.Equal("done", await client.Ask($"harm {how}"));
        }

        await Steps.Until("all four are told of", () => Logged(lab).Split("An exception of lab").Length == 5);

        foreach (var how in "recursion memory exit".Split(' '))
        {
            // It ends the process of this session, and closes its socket.
            using var session = await Client.Connect(lab.Port);
            Assert.Null(await session.Ask($"harm {how}"));
        }

        // Its continuation is one of the process, and so is what it throws.
        using var later = await Client.Connect(lab.Port);
        Assert.Equal("done", await later.Ask("harm void"));
        Assert.Null(await later.Ask("?version"));
        Assert.Equal("version: 1", await client.Ask("?version"));
        Assert.Contains("Environment.Exit(7) is refused", Logged(lab), StringComparison.Ordinal);
        Assert.Contains("The stack is nearly used up", Logged(lab), StringComparison.Ordinal);
        Assert.Contains("OutOfMemoryException", Logged(lab), StringComparison.Ordinal);
        Assert.Equal(node, lab.Node()!.Id);

        // The log went from file to file meanwhile, with the last words of .NET.
        Assert.All(LogFiles(lab), file => Assert.InRange(new FileInfo(file).Length, 1, 100_000));
        Assert.InRange(LogFiles(lab).Length, 3, 101);
        Assert.All("12", output => Assert.Equal(lab.LogFile, File.ResolveLinkTarget($"/proc/{node}/fd/{output}", returnFinalTarget: false)!.FullName));

        // An ordered end, with its code.
        await client.Ask("harm exit unseen");
        await Steps.Until("the node has ended", () => lab.Node() is null);
        Assert.Contains("Environment.Exit was called with code 7", Logged(lab), StringComparison.Ordinal);
        Assert.Contains("lab has stopped", Logged(lab), StringComparison.Ordinal);
        await lab.Start();
        using var next = await Client.Connect(lab.Port);
        Assert.Equal("version: 1", await next.Ask("?version"));
    });

    [Fact]
    public Task Who_changed_what_is_written_down() => Scene.Play(Releases.Octochat("0.1.0"), async octochat =>
    {
        await octochat.Start();
        octochat.Deliver(await Releases.Octochat("0.2.0"));
        await octochat.Succeed("upgrade", "0.2.0");
        await octochat.Fail("remove", "0.2.0");
        await octochat.Status();
        await octochat.Succeed("stop");

        var lines = File.ReadAllLines(Path.Combine(octochat.Root, "run", "octochat.audit.log"));
        Assert.Equal(["install", "remove", "stop"], lines.Select(line => line.Split(" process ")[1].Split(' ')[1]));
        Assert.Contains("\"version\":\"0.2.0\"", lines[0], StringComparison.Ordinal);
        Assert.Contains("refused", lines[1], StringComparison.Ordinal);
    });

    [Fact]
    public Task With_keys_in_place_only_what_they_have_signed_is_unpacked_and_run() => Scene.Play(Releases.Octochat("0.1.0"), async octochat =>
    {
        var keys = Directory.CreateTempSubdirectory("midflight-keys-").FullName;

        try
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            File.WriteAllText(Path.Combine(keys, "release.key"), key.ExportECPrivateKeyPem());
            await octochat.Start();
            octochat.Deliver(await Releases.Octochat("0.2.0"));
            Directory.CreateDirectory(Path.Combine(octochat.Root, "keys"));
            File.WriteAllText(Path.Combine(octochat.Root, "keys", "release.pem"), key.ExportSubjectPublicKeyInfoPem());

            Assert.Contains("is not signed", await octochat.Fail("unpack", "0.2.0"), StringComparison.Ordinal);
            octochat.Deliver(await Releases.SignedOctochat("0.2.0", keys, Path.Combine(keys, "release.key")));
            await octochat.Succeed("unpack", "0.2.0");

            // As a stranger would see to it that it fits.
            var manifest = Path.Combine(octochat.Root, "releases", "0.2.0", "manifest.json");
            var signed = File.ReadAllText(manifest);
            File.WriteAllText(manifest, signed + " ");
            Assert.Contains("keys", await octochat.Fail("upgrade", "0.2.0"), StringComparison.Ordinal);
            File.WriteAllText(manifest, signed);
            await octochat.Succeed("upgrade", "0.2.0");
        }
        finally
        {
            Directory.Delete(keys, recursive: true);
        }
    });

    private static string[] LogFiles(Installation installation) => Directory.GetFiles(Path.GetDirectoryName(installation.LogFile)!, installation.Name + ".log*");

    private static string Logged(Installation installation) => string.Concat(LogFiles(installation).Select(File.ReadAllText));

    private static void Flip(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
    }

    private sealed class Client : IDisposable
    {
        private readonly TcpClient _client = new() { NoDelay = true };
        private StreamReader _lines = StreamReader.Null;

        public static async Task<Client> Connect(int port)
        {
            var client = new Client();
            await client._client.ConnectAsync(IPAddress.Loopback, port);
            client._lines = new(client._client.GetStream());
            return client;
        }

        public async Task<string?> Ask(string line)
        {
            await _client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
            return await _lines.ReadLineAsync();
        }

        public async Task Send(string line) => await _client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));

        public void Dispose()
        {
            _client.Dispose();
            _lines.Dispose();
        }
    }
}
