public sealed record Item(string Name);
public sealed class Watch : GenServer<List<object>>
{
    protected override Started<List<object>> Init(object? argument) { Process.Monitor((Pid)argument!); return new List<object>(); }
    protected override Answer<List<object>> HandleInfo(object message, List<object> state) { state.Add(message); return NoReply(state); }
    protected override Answer<List<object>> HandleCall(object request, List<object> state) => Reply("v1 " + (state is [Down down] && down.Reason == ExitReason.Other(new Item("r")) ? "same" : string.Join(",", state)), state);
}
public static class Loop
{
    public static async ProcessTask<Next> Die(int n)
    {
        var how = await Process.Receive<string>();
        if (how == "die") { Process.Exit(ExitReason.Other(new Item("r"))); }
        return Next.Local(Die, n);
    }
}
public static class Drive
{
    public static async Task<string> Begin() { var pid = Process.Spawn(Loop.Die, 1); Process.Register("die", pid); await GenServer.Start<Watch>(pid, "watch"); return "ok"; }
    public static async Task<string> Die() { Process.Send("die", "die"); while (Process.WhereIs("die") is not null) { await Task.Yield(); } return "ok"; }
    public static async Task<string> Ask() => await GenServer.Call<string>("watch", 1);
}
