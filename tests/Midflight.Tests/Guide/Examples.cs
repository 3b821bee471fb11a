namespace Midflight.Tests.Guide;

public sealed class Counter : GenServer<int>
{
    public static ValueTask<int> Add(ServerRef counter, int amount) => Call<int>(counter, new Added(amount));

    private sealed record Added(int Amount);

    protected override Started<int> Init(object? argument) => 0;

    protected override Answer<int> HandleCall(object request, int count) => request switch
    {
        Added(var amount) => Reply(count + amount, count + amount),
        _ => base.HandleCall(request, count),
    };
}

public enum Door
{
    Locked,
    Open,
}

public sealed class CodeLock : GenStateMachine<Door, string>
{
    public static void Type(ServerRef codeLock, string code) => Cast(codeLock, new Typed(code));

    public static ValueTask<Door> Ask(ServerRef codeLock) => Call<Door>(codeLock, "door");

    private sealed record Typed(string Code);

    protected override Transition<Door, string> Init(object? argument) => NextState(Door.Locked, (string)argument!);

    protected override Transition<Door, string> Handle(Door state, Event what, string code) => (state, what) switch
    {
        (Door.Locked, Event.Cast(Typed(var typed))) when typed == code => NextState(Door.Open, code).StateTimeout(TimeSpan.FromSeconds(10)),
        (Door.Locked, Event.Cast(Typed)) => KeepStateAndData(),
        (Door.Open, Event.StateTimeout) => NextState(Door.Locked, code),
        (Door.Open, Event.Cast(Typed)) => KeepStateAndData().Postpone(),
        (_, Event.Call("door")) => KeepStateAndData().Reply(state),
        _ => base.Handle(state, what, code),
    };
}

public sealed class Tally : GenEvent<int>
{
    public static ValueTask<int> Total(ServerRef manager) => EventManager.Call<Tally, int>(manager, "total");

    protected override Started<int> Init(object? argument) => 0;

    protected override Answer<int> HandleEvent(object what, int total) => NoReply(total + 1);

    protected override Answer<int> HandleCall(object request, int total) => Reply(total, total);
}

public sealed class Hits : Agent<int>
{
    public static ValueTask<int> Count(ServerRef hits) => Get(hits, count => count);

    public static ValueTask Add(ServerRef hits, int more) => Update(hits, count => count + more);

    protected override Started<int> Init(object? argument) => 0;
}

public static class Sizes
{
    public static async Task<int> Total(IEnumerable<string> pages)
    {
        var total = 0;

        await foreach (var size in Job.Stream(pages, Size, new() { MaxConcurrency = 4, Supervisor = "jobs" }))
        {
            total += size.Succeeded ? size.Value : 0;
        }

        return total;
    }

    private static Task<int> Size(string page) => Task.FromResult(page.Length);
}

public sealed class House : Supervisor
{
    protected override SupervisorSpec Init(object? argument) => new(Strategy.OneForOne,
    [
        Child.Of<Counter>() with { Name = "counter" },
        Child.Of<CodeLock>("1234") with { Name = "lock" },
        Child.Of<EventManager>() with { Name = "events" },
        Child.Of<Hits>() with { Name = "hits" },
        Child.Of<JobSupervisor>() with { Name = "jobs" },
    ]);
}
