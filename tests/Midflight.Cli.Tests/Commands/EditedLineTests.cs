using Midflight.Cli.Terminals;

namespace Midflight.Cli.Tests.Commands;

public sealed class EditedLineTests
{
    [Fact]
    public void Inserts_at_the_cursor_and_deletes_on_either_side_of_it()
    {
        var line = Type([], "ac", Key(ConsoleKey.LeftArrow), "b", Key(ConsoleKey.Delete), Key(ConsoleKey.Backspace), "x");

        Assert.Equal(("ax", 2), (line.Text, line.Cursor));
    }

    [Fact]
    public void Goes_to_the_ends_and_cuts_there()
    {
        var line = Type([], "abcd", Key(ConsoleKey.Home), Key(ConsoleKey.RightArrow), Control(ConsoleKey.K), Control(ConsoleKey.E), "z", Control(ConsoleKey.U), "n");

        Assert.Equal("n", line.Text);
    }

    [Fact]
    public void Fetches_earlier_lines_and_comes_back()
    {
        Assert.Equal("two", Type(["one", "two"], Key(ConsoleKey.UpArrow)).Text);
        Assert.Equal("one", Type(["one", "two"], Key(ConsoleKey.UpArrow), Key(ConsoleKey.UpArrow), Key(ConsoleKey.UpArrow)).Text);
        Assert.Equal("", Type(["one", "two"], Key(ConsoleKey.UpArrow), Key(ConsoleKey.DownArrow)).Text);
    }

    [Fact]
    public void Searches_for_what_is_typed_and_goes_further_back_each_time()
    {
        string[] history = ["counts.Add(1)", "ps()", "counts.Count"];
        Assert.Equal("counts.Count", Type(history, "COUNT", Control(ConsoleKey.R)).Text);
        Assert.Equal("counts.Add(1)", Type(history, "count", Control(ConsoleKey.R), Control(ConsoleKey.R), Control(ConsoleKey.R)).Text);
        Assert.Equal("nothing", Type(history, "nothing", Control(ConsoleKey.R)).Text);
        Assert.Equal("ps()", Type(history, "ps", Control(ConsoleKey.R), Key(ConsoleKey.End)).Text);
    }

    [Fact]
    public void Ends_at_the_keys_that_end_it()
    {
        Assert.Equal(LineOutcome.Done, new EditedLine([]).Take(Key(ConsoleKey.Enter)));
        Assert.Equal(LineOutcome.Dropped, new EditedLine([]).Take(Control(ConsoleKey.C)));
        Assert.Equal(LineOutcome.End, new EditedLine([]).Take(Control(ConsoleKey.D)));
        Assert.Equal(LineOutcome.Goes, Type([], "a").Take(Control(ConsoleKey.D)));
    }

    private static EditedLine Type(IReadOnlyList<string> history, params object[] typed)
    {
        var line = new EditedLine(history);

        foreach (var part in typed)
        {
            if (part is ConsoleKeyInfo key)
            {
                line.Take(key);
                continue;
            }

            foreach (var character in (string)part)
            {
                line.Take(new(character, ConsoleKey.NoName, shift: false, alt: false, control: false));
            }
        }

        return line;
    }

    private static ConsoleKeyInfo Key(ConsoleKey key) => new('\0', key, shift: false, alt: false, control: false);

    private static ConsoleKeyInfo Control(ConsoleKey key) => new((char)(key - ConsoleKey.A + 1), key, shift: false, alt: false, control: true);
}
