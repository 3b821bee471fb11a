public sealed record State(string Name, int Count, ImmutableList<string>? History = null);

[Vsn("2")]
public sealed class MyServer : GenServer<State>
{
    public static ValueTask<Pid> StartLink(string name) => StartLink<MyServer>(name, name: nameof(MyServer));

    public static ValueTask<int> Count() => Call<int>(nameof(MyServer), "count");

    protected override Started<State> Init(object? argument) => new State((string)argument!, 0, []);

    protected override Answer<State> HandleCall(object request, State state) =>
        Reply(state.Count + 1, state with { Count = state.Count + 1 });

    // By shape the new member would be null; here it begins with where the state came from.
    protected override State CodeChange(OldVsn from, State state, object? extra) => state with { History = [$"from {from}"] };
}
