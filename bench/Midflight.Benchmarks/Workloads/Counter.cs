namespace Midflight.Benchmarks.Workloads;

/// <summary>What the server of the workloads holds.</summary>
internal sealed record CounterState(object? Name, int Count);

/// <summary>The server of the workloads; the same as bench/beam/counter.erl.</summary>
internal sealed class Counter : GenServer<CounterState>
{
    internal sealed class Inc
    {
        internal static readonly Inc Message = new();
    }

    internal sealed record Bump(int Goal, Pid To);

    internal static ValueTask<(int Version, int Count)> Add(Pid counter) => Call<(int, int)>(counter, Inc.Message, Timeout.InfiniteTimeSpan);

    protected override Started<CounterState> Init(object? argument) => new CounterState(argument, 0);

    protected override Answer<CounterState> HandleCall(object request, CounterState state) =>
        Reply((1, state.Count + 1), state with { Count = state.Count + 1 });

    protected override Answer<CounterState> HandleCast(object message, CounterState state)
    {
        if (message is Bump(var goal, var to) && state.Count + 1 == goal)
        {
            Process.Send(to, "done");
        }

        return NoReply(state with { Count = state.Count + 1 });
    }
}
