#pragma warning disable RS0030 // The terminal of the shell.

using Midflight.Host;
using Midflight.Shell;

namespace Midflight.Cli.Terminals;

/// <summary>A person at a terminal: lines can be edited, and earlier ones recalled with the arrow keys.</summary>
internal sealed class ConsoleTerminal : Terminal
{
    private readonly LineHistory _history = LineHistory.OfUser();

    internal override string? ReadLine(string prompt)
    {
        Console.Write(prompt);
        var line = new EditedLine(_history.Lines);
        Console.TreatControlCAsInput = true;

        try
        {
            while (true)
            {
                var outcome = line.Take(Console.ReadKey(intercept: true));

                switch (outcome)
                {
                    case LineOutcome.Done:
                        Console.WriteLine();
                        _history.Add(line.Text);
                        return line.Text;
                    case LineOutcome.End:
                        Console.WriteLine();
                        return null;
                    case LineOutcome.Dropped:
                        Console.WriteLine();
                        return "";
                    default:
                        Draw(prompt, line);
                        break;
                }
            }
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }

    internal override void Write(string text) => Console.WriteLine(Printable.Text(text));

    internal override void WriteError(string text) => Console.WriteLine($"\e[31m{Printable.Text(text)}\e[0m");

    // Only what fits is drawn, so that a long line does not wrap and leave its beginning behind.
    private static void Draw(string prompt, EditedLine line)
    {
        var width = Math.Max(10, Console.WindowWidth - prompt.Length - 1);
        var start = Math.Max(0, line.Cursor - width);
        var shown = line.Text[start..Math.Min(line.Text.Length, start + width)];
        Console.Write($"\r{prompt}{shown}\e[K\e[{prompt.Length + line.Cursor - start + 1}G");
    }
}
