using Microsoft.Extensions.Logging;
using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>A server moves at its next message, or when the account finds it between two messages.</summary>
public sealed class ServerMoveTests
{
    // Counts. From version 2 on it also keeps how often it was asked.
    internal static string Counter(int version) => $$"""
        public sealed record Count(int Value{{(version == 1 ? "" : ", int Asked = 0")}});

        public sealed class Counter : GenServer<Count>
        {
            protected override Started<Count> Init(object? argument) => new Count((int)argument!);

            protected override Answer<Count> HandleCall(object request, Count state) => request switch
            {
                "add" => Reply($"v{{version}}: {state.Value + 1}{{(version == 1 ? "" : ", asked {state.Asked}")}}",
                    state with { Value = state.Value + 1{{(version == 1 ? "" : ", Asked = state.Asked + 1")}} }),
                _ => throw new NotSupportedException(),
            };

            protected override async ValueTask<Answer<Count>> HandleCastAsync(object message, Count state)
            {
                Process.Send((Pid)message, "in a callback");
                await new TaskCompletionSource().Task;
                return NoReply(state);
            }
        }
        """;

    private static ApplicationImage Image(int version, KeepMode keep = KeepMode.Unloadable) => Compile.Application("counter", Counter(version), $"0.{version}.0", keep);

    [Theory]
    [InlineData(KeepMode.Unloadable)]
    [InlineData(KeepMode.Retained)]
    public async Task A_server_keeps_its_pid_and_its_state_and_answers_with_new_code_at_its_next_message(KeepMode keep)
    {
        await using var node = new TestNode();
        await node.Load(Image(1, keep));

        await node.Run(async () =>
        {
            var counter = await GenServer.Start(node.Module("Counter"), 5, "counter");
            Assert.Equal("v1: 6", await GenServer.Call<string>(counter, "add"));

            await node.Load(Image(2, keep));

            Assert.Equal("v2: 7, asked 0", await GenServer.Call<string>(counter, "add"));
            Assert.Equal("v2: 8, asked 1", await GenServer.Call<string>("counter", "add"));
        });
    }

    [Fact]
    [Scenario(53, "A gen_server between messages uses no old code of its callback module")]
    public async Task An_idle_server_is_moved_by_the_account_and_one_in_a_callback_is_killed()
    {
        await using var node = new TestNode();
        await node.Load(Image(1));

        await node.Run(async () =>
        {
            var idle = await GenServer.Start(node.Module("Counter"), 0);
            var busy = await GenServer.Start(node.Module("Counter"), 0);
            GenServer.Cast(busy, Process.Self);
            Assert.Equal("in a callback", await Process.Receive());
            await node.Load(Image(2));

            var soft = await node.Code.Purge("counter", PurgeMethod.Soft);
            Assert.Equal($"{busy} (Counter of counter 0.1.0 (#1)) is in a callback", Assert.Single(soft.Users).ToString());

            Assert.IsType<LoadResult.Done>(await node.Code.Load([Image(3)], PurgeMethod.Brutal));
            Assert.False(busy.IsAlive);
            Assert.Equal("v3: 1, asked 0", await GenServer.Call<string>(idle, "add"));
        });
    }

    [Fact]
    public async Task A_server_that_blocks_its_thread_counts_when_patience_is_at_its_end()
    {
        await using var node = new TestNode();
        await node.Load(Compile.Application("blocker", """
            public sealed class Blocker : GenServer<int>
            {
                protected override Started<int> Init(object? argument) => 0;

                protected override Answer<int> HandleCast(object message, int state)
                {
                    var (entered, leave) = ((ManualResetEventSlim, ManualResetEventSlim))message;
                    entered.Set();
                    leave.Wait();
                    return NoReply(state);
                }
            }
            """));
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();

        await node.Run(async () =>
        {
            var blocker = await GenServer.Start(node.Module("Blocker"));
            GenServer.Cast(blocker, (entered, leave));
            await Task.Run(entered.Wait);
            await node.Load(Compile.Application("blocker", "public sealed class Blocker : GenServer<int> { }"));

            node.Code.Patience = TimeSpan.FromSeconds(0.1);
            var soft = await node.Code.Purge("blocker", PurgeMethod.Soft);
            leave.Set();

            Assert.Equal(
                $"{blocker} (Blocker of blocker 0.1.0 (#1)) has run one callback for 0.1 s without yielding its thread",
                Assert.Single(soft.Users).ToString());
        });
    }

    [Fact]
    public async Task A_version_without_a_module_that_processes_run_is_refused()
    {
        await using var node = new TestNode();
        await node.Load(Image(1));

        await node.Run(async () =>
        {
            var counter = await GenServer.Start(node.Module("Counter"), 0);

            var refused = Assert.IsType<LoadResult.Refused>(
                await node.Code.Load([Compile.Application("counter", "public static class Other;", "0.2.0")], PurgeMethod.Soft));

            Assert.Equal(
                $"counter 0.2.0 was not loaded: it has no module Counter, which {counter} still runs. Keep the module, or stop what runs it first.",
                refused.Why.ToString());
            Assert.Equal("v1: 1", await GenServer.Call<string>(counter, "add"));
        });
    }

    [Fact]
    public async Task A_version_that_cannot_take_over_the_state_of_a_server_is_refused_and_the_line_to_write_is_named()
    {
        await using var node = new TestNode();
        await node.Load(Image(1));

        await node.Run(async () =>
        {
            var counter = await GenServer.Start(node.Module("Counter"), 0);
            var without = Compile.Application("counter", Counter(2).Replace("int Asked = 0", "int Asked", StringComparison.Ordinal).Replace("new Count((int)argument!)", "new Count((int)argument!, 0)", StringComparison.Ordinal), "0.2.0");

            var refused = Assert.IsType<LoadResult.Refused>(await node.Code.Load([without], PurgeMethod.Soft));

            Assert.StartsWith($"counter 0.2.0 was not loaded: the state of Counter, which {counter} runs, cannot be converted. Count.Asked", refused.Why.ToString(), StringComparison.Ordinal);
            Assert.Equal("v1: 1", await GenServer.Call<string>(counter, "add"));
        });
    }

    [Fact]
    public async Task A_flip_that_is_taken_back_takes_the_servers_back()
    {
        await using var node = new TestNode();
        await node.Load(Image(1));

        await node.Run(async () =>
        {
            var counter = await GenServer.Start(node.Module("Counter"), 0);
            var prepared = (await node.Code.Prepare([Image(2)])).OrThrow();
            Assert.Equal("v1: 1", await GenServer.Call<string>(counter, "add"));
            Assert.Null(node.Code.Flip(prepared));
            Assert.Equal("v2: 2, asked 0", await GenServer.Call<string>(counter, "add"));

            node.Code.Unflip(prepared);

            Assert.Equal("v1: 3", await GenServer.Call<string>(counter, "add"));
            Assert.True((await node.Code.Purge("counter", PurgeMethod.Soft)).Purged);
            await node.Load(Image(2));
            Assert.Equal("v2: 4, asked 0", await GenServer.Call<string>(counter, "add"));
        });
    }

    // Keeps the numbers of its items. From version 2 on it takes no three.
    private static string Keeper(int version) => $$"""
        public sealed record Item(int Number{{(version == 1 ? ")" : ", string Label)")}}
        {
            {{(version == 1 ? "" : """
                [Shape("0.1")] public sealed record V1(int Number);
                [Convert] static Item From(V1 old) => old.Number == 3 ? throw new FormatException("Three is refused.") : new(old.Number, "");
                [Convert] static V1 Back(Item now) => new(now.Number);
                """)}}
        }

        public sealed class Keeper : GenServer<string>
        {
            protected override Started<string> Init(object? argument) => "";

            protected override Answer<string> HandleCall(object request, string state) => Reply(state, state);

            protected override Answer<string> HandleCast(object message, string state)
            {
                if (message is (System.Threading.ManualResetEventSlim entered, System.Threading.ManualResetEventSlim leave))
                {
                    entered.Set();
                    leave.Wait();
                    return NoReply(state);
                }

                return NoReply(state + ((Item)message).Number);
            }
        }
        """;

    // With one sent alone and with casts that come in a row, which are handled in another place.
    [Theory]
    [InlineData(3)]
    [InlineData(1, 2, 3, 4)]
    public async Task A_cast_of_the_old_code_that_cannot_be_converted_is_told_of_and_left_out(params int[] numbers)
    {
        await using var node = new TestNode();
        await node.Load(Compile.Application("keeper", Keeper(1), "0.1.0"));

        await node.Run(async () =>
        {
            object[] items = [.. numbers.Select(number => Activator.CreateInstance(node.Module("Item"), number)!)];
            var keeper = await GenServer.Start(node.Module("Keeper"));
            await node.Load(Compile.Application("keeper", Keeper(2), "0.2.0"));
            Assert.Equal("", await GenServer.Call<string>(keeper, "get"));

            using var entered = new ManualResetEventSlim();
            using var leave = new ManualResetEventSlim();
            GenServer.Cast(keeper, (entered, leave));
            entered.Wait();

            foreach (var item in items)
            {
                GenServer.Cast(keeper, item);
            }

            leave.Set();
            Assert.Equal(string.Concat(numbers.Where(number => number != 3)), await GenServer.Call<string>(keeper, "get"));
            var report = Assert.Single(node.Log.Lines, line => line.Level == LogLevel.Error).Message;
            Assert.StartsWith($"Process {keeper} (Keeper) did not get the message Item {{ Number = 3 }}", report, StringComparison.Ordinal);
            Assert.Contains("Three is refused.", report, StringComparison.Ordinal);
        });
    }
}
