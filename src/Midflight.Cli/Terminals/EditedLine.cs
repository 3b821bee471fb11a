namespace Midflight.Cli.Terminals;

/// <summary>A line while it is being typed.</summary>
internal sealed class EditedLine(IReadOnlyList<string> history)
{
    private int _at = history.Count;
    private string? _sought;

    internal string Text { get; private set; } = "";

    internal int Cursor { get; private set; }

    //                         key                     does
    // move                    ← → Home End ^A ^E      the cursor
    // change                  Backspace Delete ^U ^K  the text
    // fetch                   ↑ ↓                     an earlier line
    // search                  ^R                      the last line that contains what is typed; again: an earlier one
    // leave                   Enter ^C ^D             done, dropped, end (on an empty line)
    internal LineOutcome Take(ConsoleKeyInfo key)
    {
        var control = key.Modifiers.HasFlag(ConsoleModifiers.Control);

        if (key.Key == ConsoleKey.R && control)
        {
            Search();
            return LineOutcome.Goes;
        }

        _sought = null;

        switch (key.Key)
        {
            case ConsoleKey.Enter:
                return LineOutcome.Done;
            case ConsoleKey.C when control:
                return LineOutcome.Dropped;
            case ConsoleKey.D when control && Text.Length == 0:
                return LineOutcome.End;
            case ConsoleKey.LeftArrow:
                Cursor = Math.Max(0, Cursor - 1);
                break;
            case ConsoleKey.RightArrow:
                Cursor = Math.Min(Text.Length, Cursor + 1);
                break;
            case ConsoleKey.Home:
            case ConsoleKey.A when control:
                Cursor = 0;
                break;
            case ConsoleKey.End:
            case ConsoleKey.E when control:
                Cursor = Text.Length;
                break;
            case ConsoleKey.Backspace when Cursor > 0:
                Text = Text.Remove(--Cursor, 1);
                break;
            case ConsoleKey.Delete when Cursor < Text.Length:
                Text = Text.Remove(Cursor, 1);
                break;
            case ConsoleKey.U when control:
                (Text, Cursor) = (Text[Cursor..], 0);
                break;
            case ConsoleKey.K when control:
                Text = Text[..Cursor];
                break;
            case ConsoleKey.UpArrow:
                Fetch(_at - 1);
                break;
            case ConsoleKey.DownArrow:
                Fetch(_at + 1);
                break;
            default:
                Insert(key.KeyChar);
                break;
        }

        return LineOutcome.Goes;
    }

    private void Insert(char character)
    {
        if (character == '\t')
        {
            character = ' ';
        }

        if (!char.IsControl(character))
        {
            Text = Text.Insert(Cursor++, character.ToString());
        }
    }

    private void Search()
    {
        _sought ??= Text;

        for (var place = _at - 1; place >= 0; place--)
        {
            if (history[place].Contains(_sought, StringComparison.OrdinalIgnoreCase))
            {
                Fetch(place);
                return;
            }
        }
    }

    private void Fetch(int place)
    {
        if (place < 0 || place > history.Count)
        {
            return;
        }

        _at = place;
        Text = place == history.Count ? "" : history[place];
        Cursor = Text.Length;
    }
}

/// <summary>Whether a line is still being typed.</summary>
internal enum LineOutcome
{
    /// <summary>It is still being typed.</summary>
    Goes,

    /// <summary>It was finished.</summary>
    Done,

    /// <summary>It was abandoned.</summary>
    Dropped,

    /// <summary>There are no more lines.</summary>
    End,
}
