using Pairs = System.Collections.Immutable.ImmutableDictionary<string, object>;

[Vsn("0")]
public sealed class KV : GenServer<Pairs>
{
    public static ValueTask<Pid> StartLink() => StartLink<KV>(name: nameof(KV));

    public static ValueTask<object?> Get(string key, object? otherwise = null) => Call<object?>(nameof(KV), (key, otherwise));

    public static async ValueTask Put(string key, object value) => await Call<bool>(nameof(KV), KeyValuePair.Create(key, value));

    protected override Started<Pairs> Init(object? argument) => Pairs.Empty;

    protected override Answer<Pairs> HandleCall(object request, Pairs state) => request switch
    {
        (string key, var otherwise) => Reply(state.GetValueOrDefault(key, otherwise!), state),
        KeyValuePair<string, object>(var key, var value) => Reply(true, state.SetItem(key, value)),
        _ => base.HandleCall(request, state),
    };
}
