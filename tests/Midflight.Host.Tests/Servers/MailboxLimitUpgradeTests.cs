using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>The limit of a mailbox is that of the code which runs, and what an upgrade loses does not count for ever.</summary>
public sealed class MailboxLimitUpgradeTests
{
    private static ApplicationImage Image(int version, string limit, string of) => Compile.Application("limited", $$"""
        public sealed record Word({{of}} Text);

        public sealed class Limited : GenServer<int>
        {
            protected override MailboxLimit? MailboxLimit => {{limit}};

            protected override Started<int> Init(object? argument) => 0;

            protected override async ValueTask<Answer<int>> HandleCallAsync(object request, int state)
            {
                if (request is Task gate)
                {
                    await gate;
                }

                return Reply(state, state);
            }

            protected override Answer<int> HandleCast(object message, int state) => NoReply(state + 1);
        }
        """, $"0.{version}.0");

    [Theory]
    [InlineData("null", "new(5)", 100, 105)]
    [InlineData("new(5)", "new(10)", 5, 15)]
    [InlineData("new(5)", "null", 5, 105)]
    [InlineData("new(5)", "throw new System.InvalidOperationException()", 5, 10)]
    public async Task The_limit_is_that_of_the_code_that_runs(string before, string after, int held, int then)
    {
        await using var node = new TestNode();
        await node.Load(Image(1, before, "string"));

        await node.Run(async () =>
        {
            var server = await GenServer.Start(node.Module("Limited"));
            Assert.Equal(held, await Flooded(server, "cast"));
            await node.Load(Image(2, after, "string"));
            Assert.Equal(held, await GenServer.Call<int>(server, "moved"));

            Assert.Equal(then, await Flooded(server, "cast"));
        });
    }

    [Fact]
    public async Task What_cannot_be_converted_waits_no_more()
    {
        await using var node = new TestNode();
        await node.Load(Image(1, "new(5)", "string"));

        await node.Run(async () =>
        {
            var server = await GenServer.Start(node.Module("Limited"));
            var gate = Gated(server);
            var word = Hot.New(node, "Word", "five");

            for (var i = 0; i < 5; i++)
            {
                GenServer.Cast(server, word);
            }

            await node.Load(Image(2, "new(5)", "System.Guid"));
            gate.SetResult();

            // The casts of before are lost; as many may come as ever.
            Assert.Equal(0, await GenServer.Call<int>(server, "count"));
            Assert.Equal(5, await Flooded(server, "cast"));
        });
    }

    // Sends a hundred while the server waits.
    private static async Task<int> Flooded(Pid server, string cast)
    {
        var gate = Gated(server);

        for (var i = 0; i < 100; i++)
        {
            GenServer.Cast(server, cast);
        }

        gate.SetResult();
        return await GenServer.Call<int>(server, "count");
    }

    private static TaskCompletionSource Gated(Pid server)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Process.Spawn(async () => await GenServer.Call<int>(server, gate.Task));
        SpinWait.SpinUntil(() => server.Cell!.Busy);
        return gate;
    }
}
