
public sealed class Holder : GenServer<List<int>>
{
    protected override Started<List<int>> Init(object? argument) => new List<int> { 1, 2 };
    protected override Answer<List<int>> HandleCall(object request, List<int> state) => Reply(Show(state), state);
    private static string Show(List<int> state) => "v1 " + string.Join("", state);
}
public static class Drive
{
    public static async Task<string> Hold() { await GenServer.Start<Holder>(null, "holder"); return "ok"; }
    public static async Task<string> Ask() => await GenServer.Call<string>("holder", 1);
}
