namespace Midflight.Shell;

/// <summary>The text that <c>help()</c> shows.</summary>
internal static class HelpText
{
    internal const string Text = """
        Type C#. A call that returns a task is awaited; an expression without a semicolon shows its value.

        c("kv.cs")        compile a file and load it as an application of its own
        l(KV)             compile the file of a module again and load it; its processes move to it at their next message
        r(KV)             the same, but its servers are suspended and change their code before they continue
        ps(), pid(84)     the processes of this node; the one with a number
        self(), flush()   the shell's own process; the messages sent to it
        exit()            leave the shell; the node keeps running

        Also:     Spawn, Send, Receive, Register, Link, Monitor …   (Process)
                  Start, StartLink, Call, Cast                      (GenServer)
                  Sys.GetState, Sys.Suspend, Sys.ChangeCode, Sys.Resume …, Code.Call, Node.Current
        """;
}
