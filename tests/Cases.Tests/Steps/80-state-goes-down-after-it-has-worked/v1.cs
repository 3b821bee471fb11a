public record Item(int N);
public sealed class Holder : GenServer<List<object>>
{
    protected override Started<List<object>> Init(object? argument) => new List<object> { new Item(1) };
    protected override Answer<List<object>> HandleCall(object request, List<object> state) => Reply(Show(state), state);
    private static string Show(List<object> state) => "v1 " + string.Join(",", state.Select(o => o is Item ? o.ToString() : "NOT AN ITEM"));
}
public static class Drive
{
    public static async Task<string> Hold() { await GenServer.Start<Holder>(null, "holder"); return "ok"; }
    public static async Task<string> Ask() => await GenServer.Call<string>("holder", 1);
}
