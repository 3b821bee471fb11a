using Microsoft.Extensions.Logging;
using Pairs = System.Collections.Immutable.ImmutableDictionary<string, object>;

[Vsn("1")]
public sealed class KV : GenServer<Pairs>
{
    public static ValueTask<Pid> StartLink() => StartLink<KV>(name: nameof(KV));

    public static ValueTask<object?> Get(string key, object? otherwise = null) => Call<object?>(nameof(KV), (key, otherwise));

    public static async ValueTask Put(string key, object value) => await Call<bool>(nameof(KV), KeyValuePair.Create(key, value));

    protected override Started<Pairs> Init(object? argument) => Pairs.Empty;

    protected override Answer<Pairs> HandleCall(object request, Pairs state)
    {
        switch (request)
        {
            case (string key, var otherwise):
                Node.Current.Logger.LogInformation("KV: Handling get request for {Key}", key);
                return Reply(state.GetValueOrDefault(key, otherwise!), state);
            case KeyValuePair<string, object>(var key, var value):
                Node.Current.Logger.LogInformation("KV: Handling put request for {Key}:{Value}", key, value);
                return Reply(true, state.SetItem(key, value));
            default:
                return base.HandleCall(request, state);
        }
    }
}
