namespace Midflight.Shell;

/// <summary>Reads what is typed, line by line until it is complete, has it carried out and shows what comes of it.</summary>
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

    /// <summary>What Ctrl+C asks for: stops what runs.</summary>
    /// <returns>False if nothing does.</returns>
    internal async Task<bool> Break()
    {
        if (!_running)
        {
            return false;
        }

        await session.Break();
        return true;
    }

    // An empty line ends what the compiler still waits for, so that nobody is caught in a missing bracket.
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
