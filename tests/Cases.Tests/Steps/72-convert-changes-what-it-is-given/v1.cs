public record Item(List<int> L);
public sealed class Holder : GenServer<Item>
{
    protected override Started<Item> Init(object? argument) => new Item([1, 2]);
    protected override Answer<Item> HandleCall(object request, Item state) => Reply(Show(state), state);
    private static string Show(Item state) => "v1 " + string.Join("", state.L);
}
public static class Drive
{
    public static async Task<string> Hold() { await GenServer.Start<Holder>(null, "holder"); return "ok"; }
    public static async Task<string> Ask() => await GenServer.Call<string>("holder", 1);
}
