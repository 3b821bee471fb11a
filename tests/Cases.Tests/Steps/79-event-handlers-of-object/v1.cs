public sealed record Item(string Name);
public sealed class Bell : GenEvent<Dictionary<string, object>>
{
    protected override Started<Dictionary<string, object>> Init(object? argument) => new Dictionary<string, object> { ["a"] = new List<object> { new Item("h") } };
    protected override Answer<Dictionary<string, object>> HandleEvent(object what, Dictionary<string, object> state) { state["e"] = what; return NoReply(state); }
    protected override Answer<Dictionary<string, object>> HandleCall(object request, Dictionary<string, object> state) =>
        Reply("v1 " + (state["a"] is List<object> l && l[0] is Item i ? i.ToString() : "NOT AN ITEM") + (state.TryGetValue("e", out var e) ? e is object[] o && o[0] is Item j ? j.ToString() : "NOT AN ITEM" : ""), state);
}
public static class Drive
{
    public static async Task<string> Begin() { await GenServer.Start<EventManager>(null, "bells"); await EventManager.AddHandler<Bell>("bells"); await EventManager.SyncNotify("bells", new object[] { new Item("e") }); return "ok"; }
    public static async Task<string> Ask() => await EventManager.Call<Bell, string>("bells", 1);
}
