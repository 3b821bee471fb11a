public record Item(List<int> L, int Sum) { [Shape("1")] public sealed record V1(List<int> L); [Convert] public static Item From(V1 old) { old.L.Add(9); return new(old.L, old.L.Sum()); } [Convert] public static V1 Back(Item now) { now.L.Add(8); return new(now.L); } }
public sealed class Holder : GenServer<Item>
{
    protected override Started<Item> Init(object? argument) => new Item([], 0);
    protected override Answer<Item> HandleCall(object request, Item state) => Reply(Show(state), state);
    private static string Show(Item state) => "v2 " + string.Join("", state.L) + " " + state.Sum;
}
public static class Drive
{
    public static async Task<string> Hold() { await GenServer.Start<Holder>(null, "holder"); return "ok"; }
    public static async Task<string> Ask() => await GenServer.Call<string>("holder", 1);
}
