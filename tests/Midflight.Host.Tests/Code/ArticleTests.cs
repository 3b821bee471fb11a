using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>The programs of the two articles that explain hot code, each in two versions.</summary>
public sealed class ArticleTests
{
    private static string Kv(bool logs) => $$"""
        using Microsoft.Extensions.Logging;

        [Vsn("{{(logs ? 1 : 0)}}")]
        public sealed class Kv : GenServer<ImmutableDictionary<string, object>>
        {
            public sealed record Get(string Key);
            public sealed record Put(string Key, object Value);

            protected override Started<ImmutableDictionary<string, object>> Init(object? argument) => ImmutableDictionary<string, object>.Empty;

            protected override Answer<ImmutableDictionary<string, object>> HandleCall(object request, ImmutableDictionary<string, object> state)
            {
                {{(logs ? "Node.Current.Logger.LogInformation(\"Kv: handling {Request}\", request);" : "")}}
                return request switch
                {
                    Get(var key) => Reply(state.GetValueOrDefault(key), state),
                    Put(var key, var value) => Reply("ok", state.SetItem(key, value)),
                    _ => throw new NotSupportedException(),
                };
            }
        }
        """;

    [Fact]
    public async Task A_store_that_is_patched_to_log_still_knows_what_it_was_told()
    {
        await using var node = new TestNode();
        await node.Load(Compile.Application("kv", Kv(logs: false)));

        await node.Run(async () =>
        {
            var pid = await GenServer.Start(node.Module("Kv"), name: "Kv");
            Assert.Null(await GenServer.Call<object?>("Kv", Hot.New(node, "Kv+Get", "a")));
            await GenServer.Call<string>("Kv", Hot.New(node, "Kv+Put", "a", 42));
            var olderRequest = Hot.New(node, "Kv+Get", "a");

            await node.Load(Compile.Application("kv", Kv(logs: true), "0.2.0"));
            await Sys.Suspend("Kv");
            await Sys.ChangeCode("Kv", node.Code.Find("kv")!.Old!.Vsn("Kv")!, null);
            await Sys.Resume("Kv");

            Assert.Equal(42, await GenServer.Call<object?>("Kv", Hot.New(node, "Kv+Get", "a")));
            Assert.Contains(node.Log.Lines, line => line.Message == "Kv: handling Get { Key = a }");
            Assert.Equal(42, await GenServer.Call<object?>("Kv", olderRequest));
            Assert.Equal(pid, Process.WhereIs("Kv"));
        });
    }

    private static string Greeter(string greeting) => $$"""
        public static class Greeter
        {
            public static async ProcessTask<Next> Loop(Pid console)
            {
                var name = await Process.Receive<string>();
                Process.Send(console, $"{{greeting}}");
                return Next.Current(Loop, console);
            }
        }
        """;

    [Fact]
    public async Task A_greeter_says_howdy_under_the_pid_under_which_it_said_hello()
    {
        await using var node = new TestNode();
        await node.Load(Compile.Application("greeter", Greeter("Hello, {name}!")));

        await node.Run(async () =>
        {
            var pid = Hot.Spawn(node, "Greeter", "Loop", Process.Self);
            Process.Register("greeter", pid);
            Process.Send("greeter", "Alice");
            Assert.Equal("Hello, Alice!", await Process.Receive());

            await node.Load(Compile.Application("greeter", Greeter("Howdy, {name}! Welcome to Erlang!"), "0.2.0"));

            // It waits in the old version's receive, so that one still takes the first message: as in Erlang.
            Process.Send("greeter", "Bob");
            Assert.Equal("Hello, Bob!", await Process.Receive());
            Process.Send("greeter", "Alice");
            Assert.Equal("Howdy, Alice! Welcome to Erlang!", await Process.Receive());
            Assert.Equal(pid, Process.WhereIs("greeter"));
        });
    }

    private static string Counter(int version) => $$"""
        public static class Counter
        {
            public static async ProcessTask<Next> Loop(int n)
            {
                switch (await Process.Receive())
                {
                    case "increment":
                        return Next.Local(Loop, n + {{version}});
                    case Pid from:
                        Process.Send(from, n);
                        return Next.Current(Loop, n);
                    default:
                        return Next.End;
                }
            }
        }
        """;

    [Fact]
    public async Task A_counter_stays_in_its_version_with_local_calls_and_moves_with_the_qualified_one()
    {
        await using var node = new TestNode();
        await node.Load(Compile.Application("counter", Counter(1)));

        await node.Run(async () =>
        {
            var counter = Hot.Begun(Process.Spawn(node.Module("Counter").GetMethod("Loop")!.CreateDelegate<Func<int, ProcessTask<Next>>>(), 0));
            Process.Send(counter, "increment");
            await node.Load(Compile.Application("counter", Counter(100), "0.2.0"));

            Process.Send(counter, "increment");
            Process.Send(counter, "increment");
            Process.Send(counter, Process.Self);
            Assert.Equal(3, await Process.Receive());

            Process.Send(counter, "increment");
            Process.Send(counter, Process.Self);
            Assert.Equal(103, await Process.Receive());
        });
    }

    private static string MyServer(bool hasHistory) => $$"""
        public sealed record State(string Name, int Count{{(hasHistory ? ", ImmutableList<string>? History = null" : "")}});

        public sealed class MyServer : GenServer<State>
        {
            protected override Started<State> Init(object? argument) => new State((string)argument!, 0);

            protected override Answer<State> HandleCall(object request, State state) =>
                Reply({{(hasHistory ? "$\"{state.Name}, {state.Count}, {string.Join('+', state.History!)}\"" : "$\"{state.Name}, {state.Count}\"")}}, state with { Count = state.Count + 1 });

            {{(hasHistory ? "protected override State CodeChange(OldVsn from, State state, object? extra) => state with { History = [$\"{extra} since {from}\"] };" : "")}}
        }
        """;

    [Fact]
    public async Task A_state_gains_a_history_by_code_change()
    {
        await using var node = new TestNode();
        await node.Load(Compile.Application("my-server", MyServer(hasHistory: false)));

        await node.Run(async () =>
        {
            var server = await GenServer.Start(node.Module("MyServer"), "mine");
            Assert.Equal("mine, 0", await GenServer.Call<string>(server, "show"));

            await Sys.Suspend(server);
            await node.Load(Compile.Application("my-server", MyServer(hasHistory: true), "0.2.0"));
            await Sys.ChangeCode(server, "1", "begun");
            await Sys.Resume(server);

            Assert.Equal("mine, 1, begun since 1", await GenServer.Call<string>(server, "show"));
        });
    }
}
