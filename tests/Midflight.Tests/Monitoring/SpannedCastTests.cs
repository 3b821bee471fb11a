using Midflight.Tests.Processes;

namespace Midflight.Tests.Monitoring;

[Collection(nameof(Listening))]
public sealed class SpannedCastTests : ProcessTest
{
    private sealed class Shedding : GenServer<int>
    {
        protected override MailboxLimit? MailboxLimit => new(10);

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

    [Fact]
    public Task Casts_within_a_span_count_for_the_limit_of_a_mailbox_as_any() => Run(async () =>
    {
        using var trace = new Trace();
        var server = await GenServer.Start<Shedding>();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Process.Spawn(async () => await GenServer.Call<int>(server, gate.Task));
        await Until(() => server.Cell!.Busy);
        trace.Root.Start();
        Cast(server, 100);
        gate.SetResult();
        Assert.Equal(10, await GenServer.Call<int>(server, "count"));

        // All of them have been taken, so there is room for as many again.
        Cast(server, 10);
        Assert.Equal(20, await GenServer.Call<int>(server, "count"));
    });

    private static void Cast(Pid server, int times)
    {
        for (var i = 0; i < times; i++)
        {
            GenServer.Cast(server, "cast");
        }
    }
}
