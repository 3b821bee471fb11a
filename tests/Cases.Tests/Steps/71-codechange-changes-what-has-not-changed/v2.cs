
public sealed class Holder : GenServer<List<int>>
{
    protected override Started<List<int>> Init(object? argument) => new List<int>();
    protected override Answer<List<int>> HandleCall(object request, List<int> state) => Reply(Show(state), state);
    private static string Show(List<int> state) => "v2 " + string.Join("", state);
    protected override List<int> CodeChange(OldVsn from, List<int> state, object? extra) { state.Add(3); return null!; }
}
public static class Drive
{
    public static async Task<string> Hold() { await GenServer.Start<Holder>(null, "holder"); return "ok"; }
    public static async Task<string> Ask() => await GenServer.Call<string>("holder", 1);
}
