namespace Midflight.Shell;

/// <summary>What <c>help()</c> shows.</summary>
internal static class HelpText
{
    internal const string Text = """
        Type C#. A call that gives a task is awaited; the value of an expression without a semicolon is shown.

        c("kv.cs")        compile a file, load it as an application of its own
        l(KV)             compile the file of a module again and load it; its processes go on in it at their next message
        r(KV)             the same, but its servers are suspended meanwhile and change their code before they go on
        ps(), pid(84)     the processes of this node; the one of a number
        self(), flush()   the shell's own process; the messages that came to it
        exit()            leave the shell; the node goes on

        At hand:  Spawn, Send, Receive, Register, Link, Monitor …   (Process)
                  Start, StartLink, Call, Cast                      (GenServer)
                  Sys.GetState, Sys.Suspend, Sys.ChangeCode, Sys.Resume …, Code.Call, Node.Current
        """;
}
