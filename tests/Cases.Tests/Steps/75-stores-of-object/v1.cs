public sealed record Item(string Name);
public sealed class Keeper : GenServer<Table<string, object>>
{
    protected override Started<Table<string, object>> Init(object? argument)
    {
        var table = new Table<string, object>(access: TableAccess.Public, name: "things");
        table["a"] = new List<object> { new Item("t") };
        return table;
    }
    protected override Answer<Table<string, object>> HandleCall(object request, Table<string, object> state) => Reply(Say(state["a"]), state);
    public static string Say(object o) => "v1 " + (o is List<object> l && l[0] is Item i ? i.ToString() : o is Item j ? j.ToString() : "NOT AN ITEM");
}
public sealed class Registered : GenServer<int>
{
    protected override Started<int> Init(object? argument) { Registry.Register("reg", "k", new List<object> { new Item("r") }); return 0; }
}
public static class Drive
{
    public static async Task<string> Begin()
    {
        await GenServer.Start<Keeper>(null, "keeper");
        new PersistentValue<object>("p").Put(new Item("p"));
        new PersistentValue<List<object>>("q").Put([new Item("q")]);
        await Registry.StartLink("reg");
        await GenServer.Start<Registered>(null, "registered");
        return "ok";
    }
    public static async Task<string> Ask() => await GenServer.Call<string>("keeper", 1);
    public static Task<string> Table() => Task.FromResult(Keeper.Say(Midflight.Table<string, object>.Find("things")!["a"]));
    public static Task<string> P() => Task.FromResult(Keeper.Say(new PersistentValue<object>("p").Value));
    public static Task<string> Q() => Task.FromResult(Keeper.Say(new PersistentValue<List<object>>("q").Value));
    public static Task<string> R() => Task.FromResult(Keeper.Say(Registry.Lookup("reg", "k")[0].Value!));
}
