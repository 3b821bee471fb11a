using System.Runtime.CompilerServices;

namespace Midflight.Shell.Tests;

/// <summary>The transcripts of the articles that Midflight was made after, typed into its shell.</summary>
public sealed class TranscriptTests
{
    [Fact]
    public async Task KV_is_patched_to_log_loaded_suspended_changed_and_resumed_and_still_has_42()
    {
        await using var shell = await Open("kv", "kv.cs", 1);

        Assert.Equal("[KV]", await shell.Enter("c(\"kv.cs\")"));
        Assert.Matches(@"^<\d+>$", await shell.Enter("KV.StartLink()"));
        Assert.Equal("null", await shell.Enter("KV.Get(\"a\")"));
        Assert.Equal("", await shell.Enter("KV.Put(\"a\", 42)"));
        Assert.Equal("42", await shell.Enter("KV.Get(\"a\")"));

        Patch(shell, "kv", "kv.cs", 2);

        Assert.Equal("KV", await shell.Enter("l(KV)"));
        Assert.Equal("", await shell.Enter("Sys.Suspend(\"KV\")"));
        Assert.Equal("", await shell.Enter("Sys.ChangeCode(\"KV\", \"0\")"));
        Assert.Equal("", await shell.Enter("Sys.Resume(\"KV\")"));
        Assert.Empty(shell.Log.Lines);
        Assert.Equal("42", await shell.Enter("KV.Get(\"a\")"));
        Assert.Equal("", await shell.Enter("KV.Put(\"b\", 2)"));
        Assert.Equal(["KV: Handling get request for a", "KV: Handling put request for b:2"], shell.Log.Lines.Select(line => line.Message));
    }

    [Fact]
    public async Task KV_is_recompiled_reloaded_and_changed_by_one_function()
    {
        await using var shell = await Open("kv", "kv.cs", 1);
        await shell.Enter("c(\"kv.cs\")");
        await shell.Enter("var kv = await KV.StartLink();");
        await shell.Enter("KV.Put(\"a\", 42)");

        Patch(shell, "kv", "kv.cs", 2);

        Assert.Equal("KV, 1 process changed", await shell.Enter("r(KV)"));
        Assert.Equal("42", await shell.Enter("KV.Get(\"a\")"));
        Assert.Single(shell.Log.Lines, line => line.Message == "KV: Handling get request for a");
        Assert.Equal("true", await shell.Enter("kv == WhereIs(\"KV\")"));
    }

    [Fact]
    public async Task A_module_is_found_by_its_name_when_it_was_never_compiled_here()
    {
        await using var shell = await Open("kv", "kv.cs", 1);

        Assert.Equal("KV", await shell.Enter("l(KV)"));
        Assert.Matches(@"^<\d+>$", await shell.Enter("KV.StartLink()"));
    }

    [Fact]
    public async Task The_counter_stays_in_the_old_version_by_local_calls_and_moves_by_a_qualified_one()
    {
        await using var shell = await Open("counter", "counter.cs", 1);
        await shell.Enter("c(\"counter.cs\")");
        await shell.Enter("var counter = Counter.Start();");
        await shell.Enter("Send(counter, \"increment\")");
        Patch(shell, "counter", "counter.cs", 2);

        Assert.Equal("[Counter]", await shell.Enter("c(\"counter.cs\")"));
        await shell.Enter("Send(counter, \"increment\")");
        await shell.Enter("Send(counter, (\"get\", self()))");
        Assert.Equal("(\"count\", 2)", await shell.Enter("Receive()"));

        // Asked for its count it moved, so now it counts in tens.
        await shell.Enter("Send(counter, \"increment\")");
        await shell.Enter("Send(counter, (\"get\", self()))");
        Assert.Equal("(\"count\", 12)", await shell.Enter("Receive()"));
    }

    [Fact]
    public async Task The_third_version_ends_a_process_that_is_still_in_the_first()
    {
        await using var shell = await Open("counter", "counter.cs", 1);
        await shell.Enter("c(\"counter.cs\")");
        await shell.Enter("var stays = Counter.Start();");
        await shell.Enter("var moves = Counter.Start();");

        // Both have begun, and wait in the first version.
        await shell.Enter("Send(stays, \"increment\")");
        await shell.Enter("Send(moves, \"increment\")");
        Patch(shell, "counter", "counter.cs", 2);
        await shell.Enter("c(\"counter.cs\")");
        await shell.Enter("Send(moves, (\"get\", self()))");
        Assert.Equal("(\"count\", 1)", await shell.Enter("Receive()"));
        Patch(shell, "counter", "counter.cs", 3);

        Assert.Matches(@"^note: killed <\d+> \(Counter of counter 1 \(#1\)\) runs a function of it\n\[Counter\]$", await shell.Enter("c(\"counter.cs\")"));
        Assert.Equal("(false, true)", await shell.Enter("(stays.IsAlive, moves.IsAlive)"));
    }

    [Fact]
    public async Task Code_change_adds_history_to_the_state_of_my_server()
    {
        await using var shell = await Open("my-server", "my-server.cs", 1);
        Assert.Equal("[MyServer]", await shell.Enter("c(\"my-server.cs\")"));
        await shell.Enter("MyServer.StartLink(\"alice\")");
        Assert.Equal("1", await shell.Enter("MyServer.Count()"));
        Patch(shell, "my-server", "my-server.cs", 2);

        Assert.Equal("MyServer, 1 process changed", await shell.Enter("r(MyServer)"));
        Assert.Equal("State { Name = \"alice\", Count = 1, History = [\"from 1\"] }", await shell.Enter("Sys.GetState(\"MyServer\")"));
        Assert.Equal("2", await shell.Enter("MyServer.Count()"));
    }

    internal static async Task<TestShell> Open(string sample, string file, int version)
    {
        var shell = await TestShell.Open();
        Patch(shell, sample, file, version);
        return shell;
    }

    internal static void Patch(TestShell shell, string sample, string file, int version, [CallerFilePath] string here = "") =>
        shell.Write(file, File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "../../../samples", sample, $"v{version}", file)));
}
