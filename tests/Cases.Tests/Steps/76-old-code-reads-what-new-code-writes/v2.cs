public sealed record Item(string Name, int Extra = 7);
public sealed class MyEx(string m) : Exception(m) { public Item I = new("e"); }
public static class Loop
{
    // Stays in the code that it began in, and looks at what others write and answer.
    public static async ProcessTask<Next> Old(int n)
    {
        var said = await Process.Receive<object>();
        if (said is (Pid from, "read")) { Process.Send(from, Say(new PersistentValue<object>("p").Value)); }
        if (said is (Pid caller, "call")) { Process.Send(caller, Say(await GenServer.Call<object>("answers", "give"))); }
        if (said is (Pid other, object thing)) { if (thing is not string) { Process.Send(other, Say(thing)); } }
        return Next.Local(Old, n);
    }
    public static string Say(object o) => "v2 " + (o is object[] l && l[0] is Item i ? i.ToString() : o is Item j ? j.ToString() : "NOT AN ITEM " + o);
}
public sealed class Answers : GenServer<int>
{
    protected override Started<int> Init(object? argument) => 0;
    protected override Answer<int> HandleCall(object request, int state) => request is "crash" ? throw new MyEx("boom") : Reply<object>(new object[] { new Item("reply") }, state);
}
public static class Drive
{
    public static async Task<string> Begin()
    {
        Process.Register("old", Process.Spawn(Loop.Old, 1));
        await GenServer.Start<Answers>(null, "answers");
        new PersistentValue<object>("p").Put(new object[] { new Item("first") });
        return "ok";
    }
    public static Task<string> Put() { new PersistentValue<object>("p").Put(new object[] { new Item("second") }); return Task.FromResult("ok"); }
    public static async Task<string> Read() { Process.Send("old", (Process.Self, "read")); return await Process.Receive<string>() ?? ""; }
    public static async Task<string> Call() { Process.Send("old", (Process.Self, "call")); return await Process.Receive<string>() ?? ""; }
    public static async Task<string> Give() { Process.Send("old", (Process.Self, (object)new object[] { new Item("given") })); return await Process.Receive<string>() ?? ""; }
}
