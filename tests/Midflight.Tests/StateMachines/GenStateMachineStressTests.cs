using Midflight.Tests.Processes;
using static Midflight.GenServer;
using static Midflight.Process;

namespace Midflight.Tests.StateMachines;

[Trait("Category", "Stress")]
public sealed class GenStateMachineStressTests : ProcessTest
{
    // StateMachineServer.HandleInfoAsync: found by the kind of the time-out instead of by its token, one that was cancelled while
    // its message was under way ends the time of a later state. StateMachineServer.CarryOut: without the caller kept beside a postponed
    // call its caller waits for ever.
    [Fact]
    public Task Cancelled_time_outs_never_come_and_every_postponed_call_is_answered_once() => Run(async () =>
    {
        const int Machines = 4;
        const int Rounds = 1_000;
        var self = Self;
        using var done = new CancellationTokenSource();
        var clock = new Thread(() =>
        {
            while (!done.IsCancellationRequested)
            {
                Time.Advance(Ms(1));
            }
        });
        clock.Start();

        for (var i = 0; i < Machines; i++)
        {
            var machine = await Start<Turnstile>(Time);

            for (var caller = 0; caller < 2; caller++)
            {
                Spawn(async () =>
                {
                    for (var round = 0; round < Rounds; round++)
                    {
                        var passed = Call<int>(machine, "pass", Timeout.InfiniteTimeSpan);

                        // Many, so that a time-out is often under way when its state is left.
                        for (var turn = 0; turn < 21; turn++)
                        {
                            Cast(machine, "turn");
                        }

                        await passed;
                    }

                    Send(self, "done");
                });
            }
        }

        for (var i = 0; i < 2 * Machines; i++)
        {
            Assert.Equal("done", await Receive<string>());
        }

        await done.CancelAsync();
        clock.Join();
        Assert.Empty(Logged);
    });

    // Its state is the number of its turns; people pass at odd ones, and at even ones it turns by itself after a while.
    private sealed class Turnstile : GenStateMachine<long, SteppedTime>
    {
        protected override Transition<long, SteppedTime> Init(object? argument) => NextState(0, (SteppedTime)argument!);

        protected override Transition<long, SteppedTime> Handle(long turn, Event what, SteppedTime time) => what switch
        {
            Event.Cast("turn") => Turned(turn + 1, time),
            Event.Call("pass") when turn % 2 == 0 => KeepStateAndData().Postpone(),
            Event.Call("pass") => KeepStateAndData().Reply(0),
            Event.StateTimeout((long of, long due)) when of == turn && time.GetTimestamp() >= due => Turned(turn + 1, time),
            Event.StateTimeout => Stop(ExitReason.Other("a time-out of another state")),
            _ => base.Handle(turn, what, time),
        };

        private static Transition<long, SteppedTime> Turned(long turn, SteppedTime time) => turn % 2 == 1
            ? NextState(turn, time)
            : NextState(turn, time).StateTimeout(Ms(3), (turn, time.GetTimestamp() + Ms(3).Ticks));
    }
}
