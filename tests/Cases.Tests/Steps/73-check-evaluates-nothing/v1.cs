public record Item(int N); public static class Made { public static int N; }
public sealed class Holder : GenServer<(Lazy<Item>, IEnumerable<int>)>
{
    protected override Started<(Lazy<Item>, IEnumerable<int>)> Init(object? argument) => (new Lazy<Item>(Make), Numbers.All);
    protected override Answer<(Lazy<Item>, IEnumerable<int>)> HandleCall(object request, (Lazy<Item>, IEnumerable<int>) state) => Reply(Show(state), state);
    private static string Show((Lazy<Item>, IEnumerable<int>) state) => $"v1 {Made.N} {state.Item1.IsValueCreated}";
    private static Item Make() { Made.N++; return new(1); }
}
public static class Drive
{
    public static async Task<string> Hold() { await GenServer.Start<Holder>(null, "holder"); return "ok"; }
    public static async Task<string> Ask() => await GenServer.Call<string>("holder", 1);
}
public sealed class Numbers : IEnumerable<int> { public static readonly Numbers All = new(); public IEnumerator<int> GetEnumerator() { Made.N++; yield return 1; } System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator(); }
