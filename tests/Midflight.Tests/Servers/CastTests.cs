using Midflight.Tests.Processes;
using static Midflight.GenServer;
using static Midflight.Process;

namespace Midflight.Tests.Servers;

/// <summary>Casts that came while the server was at work, so that it handles them in a row.</summary>
public sealed class CastTests : ProcessTest
{
    /// <summary>Keeps what it was told, and halts at what says so.</summary>
    private sealed class Clerk : GenServer<string>
    {
        internal sealed record Halt(ManualResetEventSlim Reached, ManualResetEventSlim Goes);

        protected override Started<string> Init(object? argument) => "";

        protected override Answer<string> HandleCall(object request, string state) => Reply(state, state);

        protected override Answer<string> HandleCast(object message, string state)
        {
            switch (message)
            {
                case Halt(var reached, var goes):
                    reached.Set();
                    goes.Wait();
                    return NoReply(state);
                case "fail":
                    throw new FormatException("bad");
                case "stop":
                    return Stop(ExitReason.Shutdown, state + "stop ");
                case "continue":
                    return NoReply(state + "continue ").Continue("on");
                default:
                    return NoReply($"{state}{message} ");
            }
        }

        protected override ValueTask<Answer<string>> HandleContinueAsync(object with, string state) => new(NoReply($"{state}{with} "));

        protected override void Terminate(ExitReason reason, string state)
        {
            if (WhereIs("witness") is { } witness)
            {
                Send(witness, $"{reason}: {state}");
            }
        }
    }

    // Begins with a cast that lasts until all have come.
    private static async Task<Pid> InARow(params object[] casts)
    {
        var (reached, goes) = (new ManualResetEventSlim(), new ManualResetEventSlim());
        var clerk = await Start<Clerk>();
        Cast(clerk, new Clerk.Halt(reached, goes));
        reached.Wait();

        foreach (var cast in casts)
        {
            Cast(clerk, cast);
        }

        goes.Set();
        return clerk;
    }

    [Fact]
    public Task Casts_in_a_row_are_handled_in_their_order_each_with_the_state_of_the_one_before() => Run(async () =>
    {
        var numbers = Enumerable.Range(0, 2_000).Select(number => $"{number}").ToArray();
        var clerk = await InARow(numbers);
        Assert.Equal(string.Concat(numbers.Select(number => number + " ")), await Call<string>(clerk, "get"));
    });

    [Fact]
    public Task A_continuation_comes_before_the_next_of_casts_in_a_row() => Run(async () =>
        Assert.Equal("1 continue on 2 3 ", await Call<string>(await InARow("1", "continue", "2", "3"), "get")));

    [Theory]
    [InlineData("fail", "1 2 ", "FormatException: bad")]
    [InlineData("stop", "1 2 stop ", "shutdown")]
    public Task What_ends_a_server_among_casts_in_a_row_ends_it_with_the_state_up_to_there(string last, string state, string reason) => Run(async () =>
    {
        Register("witness", Self);
        await InARow("1", "2", last, "3", "4");
        Assert.Equal($"{reason}: {state}", await Receive<string>());

        if (last == "fail")
        {
            var report = Assert.Single(Logged);
            Assert.Contains("last message: fail", report);
            Assert.Contains($"state:        {state}", report);
        }
    });

    [Fact]
    public Task The_monitor_names_the_one_of_casts_in_a_row_that_does_not_return() => Run(async () =>
    {
        using var reached = new ManualResetEventSlim();
        using var goes = new ManualResetEventSlim();
        var clerk = await InARow("1", "2", new Clerk.Halt(reached, goes), 4.0);
        reached.Wait();
        Assert.Equal($"{typeof(Clerk).FullName}(Halt)", Node.Monitor.Processes().Single(process => process.Pid == clerk).Function);
        goes.Set();
        Assert.Equal("1 2 4 ", await Call<string>(clerk, "get"));
        Assert.Equal($"{typeof(Clerk).FullName}(String)", Node.Monitor.Processes().Single(process => process.Pid == clerk).Function);
    });
}
