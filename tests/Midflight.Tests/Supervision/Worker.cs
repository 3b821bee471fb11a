using System.Collections.Concurrent;

namespace Midflight.Tests.Supervision;

/// <summary>A child for tests: it notes what happens to it in a diary that the test reads.</summary>
public class Worker : GenServer<Worker.Duty>
{
    /// <param name="Name">For the diary.</param>
    /// <param name="Diary">What happened, in order.</param>
    public sealed record Duty(string Name, Diary Diary)
    {
        public bool TrapsExits { get; init; }

        /// <summary>What Init waits for; null if nothing.</summary>
        public Task? Ready { get; init; }

        /// <summary>What Terminate waits for; null if nothing.</summary>
        public Task? Done { get; init; }

        /// <summary>Asked at each start whether it fails.</summary>
        public Func<bool>? Fails { get; init; }

        public bool Ignores { get; init; }
    }

    protected override async ValueTask<Started<Duty>> InitAsync(object? argument)
    {
        var duty = (Duty)argument!;
        Process.TrapExits = duty.TrapsExits;

        if (duty.Ready is { } ready)
        {
            await ready;
        }

        if (duty.Fails?.Invoke() == true)
        {
            duty.Diary.Add($"{duty.Name} fails");
            throw new InvalidOperationException("no duty today");
        }

        if (duty.Ignores)
        {
            return Ignore();
        }

        duty.Diary.Add($"{duty.Name} starts");
        return duty;
    }

    protected override Answer<Duty> HandleCall(object request, Duty state) => Reply(state.Name, state);

    protected override Answer<Duty> HandleCast(object message, Duty state) => message switch
    {
        "crash" => throw new InvalidOperationException("crashed on request"),
        ExitReason reason => Stop(reason, state),
        _ => NoReply(state),
    };

    protected override async ValueTask TerminateAsync(ExitReason reason, Duty state)
    {
        if (state.TrapsExits)
        {
            state.Diary.Add($"{state.Name} is asked: {reason}");
        }

        if (state.Done is { } done)
        {
            await done;
        }

        state.Diary.Add($"{state.Name} ends");
    }
}

/// <summary>Lines in the order in which they came, from any thread.</summary>
public sealed class Diary
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    public void Add(string line) => _lines.Enqueue(line);

    public void Clear() => _lines.Clear();

    /// <summary>Waits for a line.</summary>
    public async Task Until(string line)
    {
        while (!_lines.Contains(line))
        {
            await Task.Yield();
        }
    }
}
