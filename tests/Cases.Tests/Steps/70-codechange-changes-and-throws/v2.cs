
public sealed class Holder : GenServer<Dictionary<string, List<int>>>
{
    protected override Started<Dictionary<string, List<int>>> Init(object? argument) => new Dictionary<string, List<int>>();
    protected override Answer<Dictionary<string, List<int>>> HandleCall(object request, Dictionary<string, List<int>> state) => Reply(Show(state), state);
    private static string Show(Dictionary<string, List<int>> state) => "v2 " + string.Join(",", state.Select(e => e.Key + string.Join("", e.Value)));
    protected override Dictionary<string, List<int>> CodeChange(OldVsn from, Dictionary<string, List<int>> state, object? extra) { state["a"].Add(99); state["b"] = [7]; throw new InvalidOperationException("no"); }
}
public static class Drive
{
    public static async Task<string> Hold() { await GenServer.Start<Holder>(null, "holder"); return "ok"; }
    public static async Task<string> Ask() => await GenServer.Call<string>("holder", 1);
}
