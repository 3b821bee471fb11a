namespace Midflight.Shell;

/// <summary>Reads input line by line until it is complete, carries it out and shows the result.</summary>
internal sealed class Prompt(Session session, Terminal terminal, string name)
{
    private volatile bool _running;

    /// <summary>Runs until <c>exit()</c> or the end of the input.</summary>
    internal async Task Run()
    {
        while (Read() is { } text)
        {
            if (text.Trim().Length == 0)
            {
                continue;
            }

            _running = true;
            var shown = await session.Enter(text);
            _running = false;

            if (shown.IsGoodbye)
            {
                return;
            }

            Show(shown);
        }
    }

    /// <summary>Stops what is running, for Ctrl+C.</summary>
    /// <returns>False if nothing is running.</returns>
    internal async Task<bool> Break()
    {
        if (!_running)
        {
            return false;
        }

        await session.Break();
        return true;
    }

    // An empty line ends incomplete input, so that nobody is stuck with a missing bracket.
    private string? Read()
    {
        var text = terminal.ReadLine($"{name}> ");

        while (text is not null && !SubmissionCompiler.IsComplete(text))
        {
            var more = terminal.ReadLine($"{new string('.', name.Length)}> ");

            if (string.IsNullOrWhiteSpace(more))
            {
                break;
            }

            text += "\n" + more;
        }

        return text;
    }

    private void Show(Shown shown)
    {
        if (shown.Text.Length == 0)
        {
            return;
        }

        if (shown.IsError)
        {
            terminal.WriteError(shown.Text);
        }
        else
        {
            terminal.Write(shown.Text);
        }
    }
}
