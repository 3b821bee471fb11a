public sealed record State(string Name, int Count);

[Vsn("1")]
public sealed class MyServer : GenServer<State>
{
    public static ValueTask<Pid> StartLink(string name) => StartLink<MyServer>(name, name: nameof(MyServer));

    public static ValueTask<int> Count() => Call<int>(nameof(MyServer), "count");

    protected override Started<State> Init(object? argument) => new State((string)argument!, 0);

    protected override Answer<State> HandleCall(object request, State state) =>
        Reply(state.Count + 1, state with { Count = state.Count + 1 });
}
