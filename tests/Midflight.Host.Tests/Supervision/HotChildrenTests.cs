using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>That supervisors start children in their current version, whatever version they were told of them in.</summary>
public sealed class HotChildrenTests
{
    private static ApplicationImage Image(int version, string more = "") => Compile.Application("nursery", $$"""
        public sealed record Name(string Text{{(version == 1 ? "" : ", int Age = 7")}});

        public sealed class Child1 : GenServer<Name>
        {
            protected override Started<Name> Init(object? argument) => (Name)argument!;

            protected override Answer<Name> HandleCall(object request, Name name) => Reply($"{{version}}: {name}", name);

            protected override Answer<Name> HandleCast(object message, Name name) => Stop(ExitReason.Other("ill"), name);
        }

        public static class Looping
        {
            public static async ProcessTask<Next> Loop(Name name)
            {
                var asker = await Process.Receive<Pid>();
                Process.Send(asker, $"{{version}}: {name}");
                return Next.Current(Loop, name);
            }
        }

        public sealed class Family : Supervisor
        {
            protected override SupervisorSpec Init(object? argument) => new(
                Strategy.OneForOne, [Child.Of<Child1>(new Name("Ann")) with { Name = "ann" }, Child.Running(Looping.Loop, new Name("Lou")) with { Name = "lou" }])
            {
                Intensity = new(100, TimeSpan.FromSeconds(5)),
            };
        }

        public sealed class Nursery : DynamicSupervisor
        {
            protected override DynamicSupervisorSpec Init(object? argument) => new() { Intensity = new(100, TimeSpan.FromSeconds(5)) };

            public static ValueTask<Pid> Born() => StartChild("nursery", Child.Of<Child1>(new Name("Bob")) with { Name = "bob" });
        }
        {{more}}
        """, $"0.{version}.0");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task Start(TestNode node, string module, string name) => node.Run(async () => await GenServer.Start(node.Module(module), null, name));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task Born(TestNode node) => node.Run(async () => await (ValueTask<Pid>)Hot.Call(node, "Nursery", "Born")!);

    // Ends a child and waits until it runs again.
    private static async Task Restart(string name, string supervisor)
    {
        var child = Process.WhereIs(name)!.Value;
        var monitor = Process.Monitor(child);
        Process.Exit(child, ExitReason.Kill);
        await Process.Receive<Down>(down => down.Ref == monitor);
        await Sys.GetStatus(supervisor);
        Assert.NotEqual(child, Process.WhereIs(name));
    }

    [Fact]
    public async Task A_child_starts_again_in_the_current_version_with_its_argument_converted()
    {
        await using var node = new TestNode();
        await node.Load(Image(1));
        await Start(node, "Family", "family");
        await Start(node, "Nursery", "nursery");
        await Born(node);
        await node.Run(async () => Assert.Equal("1: Name { Text = Bob }", await GenServer.Call<string>("bob", "who")));

        await node.Load(Image(2));

        await node.Run(async () =>
        {
            await Restart("ann", "family");
            await Restart("lou", "family");
            await Restart("bob", "nursery");
            Assert.Equal("2: Name { Text = Ann, Age = 7 }", await GenServer.Call<string>("ann", "who"));
            Assert.Equal("2: Name { Text = Bob, Age = 7 }", await GenServer.Call<string>("bob", "who"));
            Process.Send("lou", Process.Self);
            Assert.Equal("2: Name { Text = Lou, Age = 7 }", await Process.Receive<string>());
        });
    }

    [Fact]
    public async Task What_supervisors_keep_of_their_children_keeps_no_old_code_in_memory()
    {
        await using var node = new TestNode();
        await node.Load(Image(1));
        await Start(node, "Family", "family");
        await Start(node, "Nursery", "nursery");
        await Born(node);
        await node.Load(Image(2));
        await node.Run(() => Restart("lou", "family"));

        var report = Assert.Single((await node.Code.Purge("nursery", PurgeMethod.Soft)).Prove(node.Node));

        Assert.True(report.ToString() == "nursery 0.1.0 (#1) is unloaded.", report.ToString());
        await node.Run(async () =>
        {
            await Restart("bob", "nursery");
            Assert.Equal("2: Name { Text = Bob, Age = 7 }", await GenServer.Call<string>("bob", "who"));
        });
    }

    [Fact]
    public async Task A_module_that_the_current_version_lacks_is_named_when_its_child_starts_again()
    {
        await using var node = new TestNode();
        await node.Load(Image(1, "public sealed class Gone : GenServer<int> { protected override Started<int> Init(object? argument) => 0; }"));
        await Start(node, "Family", "family");
        await node.Run(async () =>
        {
            await Supervisor.StartChild("family", Child.Of(node.Module("Gone")));
            await Supervisor.TerminateChild("family", "Gone");
        });
        await node.Load(Image(2));

        await node.Run(async () =>
        {
            var refused = await Assert.ThrowsAsync<ChildRefusedException>(async () => await Supervisor.RestartChild("family", "Gone"));

            Assert.Equal(
                "Family did not start its child 'Gone': MissingMethodException: module Gone is not in nursery 0.2.0 (#2). Keep the module, or drop the child",
                refused.Message);
        });
    }

    [Fact]
    public async Task A_lambda_of_hot_code_is_no_child()
    {
        await using var node = new TestNode();
        await node.Load(Image(1, """
            public static class Wrong
            {
                public static ChildSpec Child() => Midflight.Child.Running(async () => await Process.Receive());
            }
            """));

        var refused = Assert.Throws<ArgumentException>(() => Hot.Call(node, "Wrong", "Child"));

        Assert.Contains("is a lambda or an instance method. Give a static method.", refused.Message, StringComparison.Ordinal);
    }

    private static ApplicationImage Server(int version) => Compile.Application("server", $$"""
        public sealed record Connection(TcpSocket Socket{{(version == 1 ? "" : ", int Count = 0")}});

        public sealed class Echo : GenServer<Connection>
        {
            protected override Started<Connection> Init(object? argument) => new Connection((TcpSocket)argument!);

            protected override Answer<Connection> HandleInfo(object message, Connection connection)
            {
                if (message is TcpLine(_, var line))
                {
                    connection.Socket.Send($"{{version}}: {line}\n");
                }

                return message is TcpClosed ? Stop(ExitReason.Normal, connection) : NoReply(connection);
            }
        }

        public sealed class Acceptor : GenServer<TcpListener>
        {
            protected override Started<TcpListener> Init(object? argument) => Tcp.Listen((System.Net.IPEndPoint)argument!);

            protected override Answer<TcpListener> HandleCall(object request, TcpListener listener) => Reply(listener.LocalEndPoint, listener);

            protected override async ValueTask<Answer<TcpListener>> HandleInfoAsync(object message, TcpListener listener)
            {
                if (message is TcpAccepted(_, var socket))
                {
                    socket.ControllingProcess(await DynamicSupervisor.StartChild("connections", Child.Of<Echo>(socket) with { Restart = Restart.Temporary }));
                }

                return NoReply(listener);
            }
        }

        public sealed class Connections : DynamicSupervisor;
        """, $"0.{version}.0");

    [Fact]
    public async Task Listener_and_connections_outlive_the_code_that_opened_them()
    {
        await using var node = new TestNode();
        await node.Load(Server(1));
        var address = await Listen(node);
        using var idle = await Connect(address);
        using var first = await Connect(address);
        Assert.Equal("1: a", await Ask(first, "a"));

        for (var version = 2; version <= 6; version++)
        {
            await node.Load(Server(version));
            var report = Assert.Single((await node.Code.Purge("server", PurgeMethod.Soft)).Prove(node.Node));
            using var later = await Connect(address);

            Assert.Equal($"server 0.{version - 1}.0 (#{version - 1}) is unloaded.", report.ToString());
            Assert.Equal($"{version}: b", await Ask(first, "b"));
            Assert.Equal($"{version}: c", await Ask(later, "c"));
        }

        Assert.Equal("6: d", await Ask(idle, "d"));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<IPEndPoint> Listen(TestNode node)
    {
        IPEndPoint? address = null;
        await node.Run(async () =>
        {
            await GenServer.Start(node.Module("Connections"), null, "connections");
            address = await GenServer.Call<IPEndPoint>(await GenServer.Start(node.Module("Acceptor"), new IPEndPoint(IPAddress.Loopback, 0)), "where");
        });
        return address!;
    }

    private static async Task<TcpClient> Connect(IPEndPoint address)
    {
        var client = new TcpClient();
        await client.ConnectAsync(address);
        return client;
    }

    private static async Task<string?> Ask(TcpClient client, string line)
    {
        var stream = client.GetStream();
        await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(line + "\n"));
        using var reader = new StreamReader(stream, leaveOpen: true);
        return await reader.ReadLineAsync();
    }
}
