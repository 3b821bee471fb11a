using System.Reflection;
using System.Runtime.CompilerServices;
using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>What is switched on for a process stays over a change of its code, and keeps no old code in memory.</summary>
public sealed class HotDebugTests
{
    private static ApplicationImage Image(int version) => Compile.Application("watched", $$"""
        public sealed record Seen(int Number);

        public sealed class Watched : GenServer<int>
        {
            public static bool ByName(DebugEvent happened)
            {
                Process.Send("witness", $"{{version}} {happened}");
                return true;
            }

            public static Func<DebugEvent, bool> Closure(object captured) => happened => captured is not null;

            protected override Started<int> Init(object? argument) => 0;

            protected override Answer<int> HandleCast(object message, int state) => NoReply(((Seen)message).Number);
        }
        """, $"0.{version}.0");

    [Fact]
    public async Task Log_and_counts_go_on_a_named_function_is_that_of_the_new_code_and_a_closure_goes_with_the_old()
    {
        await using var node = new TestNode();
        await node.Load(Image(1));
        var server = await Watched(node);
        await node.Load(Image(2));

        Assert.Equal("watched 0.1.0 (#1) is unloaded.", Assert.Single((await node.Code.Purge("watched", PurgeMethod.Soft)).Prove(node.Node)).ToString());

        await node.Run(async () =>
        {
            Process.Register("witness", Process.Self);
            Assert.Equal(["function by name", "statistics", "log"], (await Sys.GetStatus(server)).Debug);
            GenServer.Cast(server, Hot.New(node, "Seen", 2));
            Assert.Equal("2 got cast Seen { Number = 2 }", await Process.Receive());
            Assert.Equal(
                ["got cast Seen { Number = 1 }", "new state 1", "got cast Seen { Number = 2 }", "new state 2"],
                await Sys.GetLog(server));
            Assert.Equal(2, (await Sys.GetStatistics(server))?.MessagesIn);
        });
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<Pid> Watched(TestNode node)
    {
        var server = default(Pid);
        await node.Run(async () =>
        {
            Process.Register("witness", Process.Self);
            var module = node.Module("Watched");
            server = await GenServer.Start(module);
            await Sys.Log(server, on: true);
            await Sys.Statistics(server, on: true);
            await Sys.Install(server, "by name", module.GetMethod("ByName", BindingFlags.Static | BindingFlags.Public)!.CreateDelegate<Func<DebugEvent, bool>>());
            await Sys.Install(server, "closure", (Func<DebugEvent, bool>)Hot.Call(node, "Watched", "Closure", Hot.New(node, "Seen", 0))!);
            GenServer.Cast(server, Hot.New(node, "Seen", 1));
            Assert.Equal("1 got cast Seen { Number = 1 }", await Process.Receive());
            Assert.Equal("1 new state 1", await Process.Receive());
        });
        return server;
    }
}
