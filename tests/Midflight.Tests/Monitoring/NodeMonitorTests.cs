using Midflight.Testing;

namespace Midflight.Tests.Monitoring;

/// <summary>What can be seen of processes from outside, and what the node warns of.</summary>
public sealed class NodeMonitorTests
{
    private sealed class Store : GenServer<List<byte[]>>
    {
        protected override Started<List<byte[]>> Init(object? argument) => new List<byte[]>();

        protected override Answer<List<byte[]>> HandleCall(object request, List<byte[]> state)
        {
            state.Add(new byte[(int)request]);
            return Reply(state.Count, state);
        }

        protected override Answer<List<byte[]>> HandleCast(object message, List<byte[]> state) => NoReply(state);
    }

    [Fact]
    public async Task A_process_is_seen_with_its_name_module_function_and_count_of_messages()
    {
        await using var node = new TestNode();
        await node.Run(async () =>
        {
            var server = await GenServer.Start<Store>(name: "store");

            for (var i = 0; i < 10; i++)
            {
                await GenServer.Call<int>(server, 1);
            }

            var seen = Assert.Single(node.Node.Monitor.Processes(), process => process.Pid == server);
            Assert.Equal(["store"], seen.Names);
            Assert.Equal(typeof(Store).FullName, seen.Module);
            Assert.Equal($"{seen.Module}(Int32)", seen.Function);
            Assert.Equal(ProcessActivity.Waiting, seen.Activity);
            Assert.Equal(10, seen.Reductions);
            Assert.Null(seen.Version);
            Assert.Null(seen.StateBytes);
        });
    }

    [Fact]
    public async Task Messages_from_the_mailbox_count_as_reductions_too()
    {
        await using var node = new TestNode();
        await node.Run(async () =>
        {
            var server = await GenServer.Start<Store>();
            await Sys.Suspend(server);
            Enumerable.Range(0, 1000).ToList().ForEach(_ => GenServer.Cast(server, "x"));

            // Until all are in its mailbox: those that it takes there just now are counted in neither place. On the thread, as waiting in the
            // process counts as reductions of it.
            SpinWait.SpinUntil(() => server.Cell!.Rests);
            var waits = node.Node.Monitor.Top(ProcessOrder.Queue, 1)[0];
            Assert.Equal((server, 1000, ProcessActivity.Suspended), (waits.Pid, waits.QueueLength, waits.Activity));
            await Sys.Resume(server);
            await Sys.GetState(server);
            await Sys.GetState(server);
            var done = node.Node.Monitor.Top(ProcessOrder.Reductions, 1)[0];
            Assert.Equal(server, done.Pid);
            Assert.InRange(done.Reductions, 1000, 1010);
        });
    }

    [Fact]
    public async Task The_largest_state_is_first_by_memory()
    {
        await using var node = new TestNode();
        await node.Run(async () =>
        {
            var small = await GenServer.Start<Store>();
            var large = await GenServer.Start<Store>();
            await GenServer.Call<int>(small, 10);
            await GenServer.Call<int>(large, 100_000);
            await GenServer.Call<int>(large, 50_000);
            var top = node.Node.Monitor.Top(ProcessOrder.Memory, 2);
            Assert.Equal([large, small], top.Select(process => process.Pid));
            Assert.InRange(top[0].StateBytes!.Value, 150_000, 151_000);
        });
    }

    [Fact]
    public async Task A_long_queue_is_warned_of_once_until_it_was_short_again()
    {
        await using var node = new TestNode();
        node.Node.Monitor.LongQueue = 100;
        await node.Run(async () =>
        {
            var server = await GenServer.Start<Store>();
            await Fill(server);
            Assert.Equal(1, Warnings());
            node.Time.Advance(TimeSpan.FromSeconds(10));
            Assert.Equal(1, Warnings());
            await Sys.Resume(server);
            await Sys.GetState(server);
            node.Time.Advance(TimeSpan.FromSeconds(5));
            await Fill(server);
            Assert.Equal(2, Warnings());
            Assert.Contains($"100 messages wait for process {server}", node.Log.Lines.First(line => line.Event.Name == "LongQueue").Message);
        });

        int Warnings() => node.Log.Lines.Count(line => line.Event.Name == "LongQueue");

        async Task Fill(Pid server)
        {
            await Sys.Suspend(server);
            Enumerable.Range(0, 100).ToList().ForEach(_ => GenServer.Cast(server, "x"));
            SpinWait.SpinUntil(() => server.Cell!.Rests);
            node.Time.Advance(TimeSpan.FromSeconds(5));
        }
    }

    [Fact]
    public async Task A_threshold_of_zero_switches_the_warning_off()
    {
        await using var node = new TestNode();
        node.Node.Monitor.LongQueue = 0;
        await node.Run(async () =>
        {
            var server = await GenServer.Start<Store>();
            await Sys.Suspend(server);
            Enumerable.Range(0, 10).ToList().ForEach(_ => GenServer.Cast(server, "x"));
            node.Time.Advance(TimeSpan.FromSeconds(5));
        });
        Assert.Empty(node.Log.Lines);
    }
}
