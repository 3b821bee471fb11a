
public sealed class Holder : GenServer<Dictionary<string, List<int>>>
{
    protected override Started<Dictionary<string, List<int>>> Init(object? argument) => new Dictionary<string, List<int>> { ["a"] = [1, 2] };
    protected override Answer<Dictionary<string, List<int>>> HandleCall(object request, Dictionary<string, List<int>> state) => Reply(Show(state), state);
    private static string Show(Dictionary<string, List<int>> state) => "v1 " + string.Join(",", state.Select(e => e.Key + string.Join("", e.Value)));
}
public static class Drive
{
    public static async Task<string> Hold() { await GenServer.Start<Holder>(null, "holder"); return "ok"; }
    public static async Task<string> Ask() => await GenServer.Call<string>("holder", 1);
}
