using System.Globalization;
using Spectre.Console;

namespace OctochatClient;

/// <summary>Shows how far it is: alive on a terminal, a line for a step elsewhere.</summary>
internal sealed class Display
{
    private static readonly TimeSpan s_refresh = TimeSpan.FromMilliseconds(100);
    private readonly bool _alive = AnsiConsole.Profile.Capabilities.Interactive && AnsiConsole.Profile.Out.IsTerminal;

    public Display()
    {
        if (!AnsiConsole.Profile.Out.IsTerminal)
        {
            AnsiConsole.Profile.Width = 160;
            AnsiConsole.Profile.Capabilities.Ansi = false;
            AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
        }
    }

    /// <summary>Shows a step while it is under way, then that it is done and what it says of itself.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="work">Does it, and returns what to say at the end.</param>
    /// <param name="live">What to show beside the title meanwhile.</param>
    public async Task Step(string title, Func<Task<string>> work, Func<string>? live = null)
    {
        var began = TimeProvider.System.GetTimestamp();
        var said = _alive ? await Alive(title, work, live) : await work();
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        AnsiConsole.MarkupLine($"[grey]{seconds,5} s[/]  {Markup.Escape(title)}{(said.Length > 0 ? $": [bold]{Markup.Escape(said)}[/]" : "")}");
    }

    private static Task<string> Alive(string title, Func<Task<string>> work, Func<string>? live) =>
        AnsiConsole.Status().StartAsync(Markup.Escape(title), async status =>
        {
            var working = work();
            using var timer = new PeriodicTimer(s_refresh);

            while (!working.IsCompleted)
            {
                var next = timer.WaitForNextTickAsync().AsTask();
                await Task.WhenAny(working, next);
                status.Status($"{Markup.Escape(title)}  [grey]{Markup.Escape(live?.Invoke() ?? "")}[/]");
            }

            return await working;
        });

    /// <summary>Prints a sentence under the last step.</summary>
    public static void Say(string sentence) => AnsiConsole.MarkupLine($"         [grey]{Markup.Escape(sentence)}[/]");

    /// <summary>Prints what is wrong.</summary>
    public static void Complain(string sentence) => AnsiConsole.MarkupLine($"[red]{Markup.Escape(sentence)}[/]");

    public void Print(IEnumerable<Row> rows)
    {
        var table = new Table { Border = _alive ? TableBorder.Rounded : TableBorder.Ascii };
        table.AddColumns("step", "verdict");

        foreach (var title in (string[])["switch", "longest wait", "echoes", "dropped", "wrong"])
        {
            table.AddColumn(new TableColumn(title).RightAligned());
        }

        foreach (var (step, verdict, switched, seen) in rows)
        {
            table.AddRow(
                Markup.Escape(step),
                Markup.Escape(verdict),
                switched is { } time ? Milliseconds(time) : "",
                Milliseconds(seen.LongestWait),
                seen.Echoes.ToString("N0", CultureInfo.InvariantCulture),
                Count(seen.Dropped),
                Count(seen.Wrong));
        }

        AnsiConsole.Write(table);
    }

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0} ms");

    private static string Count(int bad) => bad == 0 ? "[green]0[/]" : $"[red bold]{bad}[/]";
}
