namespace Midflight.Shell.Tests;

public sealed class PromptTests
{
    [Fact]
    public async Task Reads_on_until_what_is_typed_is_complete()
    {
        Assert.Equal(
            [
                "kv> ", "..> ", "..> ", "..> ",
                "kv> ", "= 42",
                "kv> ",
            ],
            await Type("int Answer()", "{", "return 42;", "}", "Answer()"));
    }

    [Fact]
    public async Task An_empty_line_ends_what_would_wait_for_a_bracket() =>
        Assert.Equal(["kv> ", "..> ", "! (1,13): error CS1513: } expected", "kv> "], await Type("class Open {", ""));

    [Fact]
    public async Task Leaves_at_exit_and_shows_help() =>
        Assert.Equal(["kv> ", $"= {HelpText.Text}", "kv> "], await Type("help()", "exit()", "1"));

    [Fact]
    public async Task Ctrl_C_stops_what_runs_and_nothing_else()
    {
        await using var shell = await TestShell.Open();
        var terminal = new Script("var x = 1;", "Send(\"test\", 1); await Receive();", "x");
        var prompt = new Prompt(shell.Session, terminal, "kv");
        Assert.False(await prompt.Break());

        await shell.Node.Run(async () =>
        {
            Process.Register("test", Process.Self);
            var running = prompt.Run();
            await Process.Receive();
            Assert.True(await prompt.Break());
            await running;
        });

        Assert.Matches("^! process <\\d+> ended; the shell continues in a new one$", terminal.Seen[2]);
        Assert.Equal("= 1", terminal.Seen[4]);
    }

    private static async Task<IReadOnlyList<string>> Type(params string[] lines)
    {
        await using var shell = await TestShell.Open();
        var terminal = new Script(lines);
        await new Prompt(shell.Session, terminal, "kv").Run();
        return terminal.Seen;
    }

    private sealed class Script(params string[] lines) : Terminal
    {
        private readonly Queue<string> _lines = new(lines);

        internal List<string> Seen { get; } = [];

        internal override string? ReadLine(string prompt)
        {
            Seen.Add(prompt);
            return _lines.TryDequeue(out var line) ? line : null;
        }

        internal override void Write(string text) => Seen.Add($"= {text}");

        internal override void WriteError(string text) => Seen.Add($"! {text}");
    }
}
