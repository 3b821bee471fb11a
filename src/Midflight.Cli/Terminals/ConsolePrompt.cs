#pragma warning disable RS0030 // The terminal of the shell.

using System.Runtime.InteropServices;
using Midflight.Host.Control;
using Midflight.Shell;

namespace Midflight.Cli.Terminals;

/// <summary>Runs a shell's prompt on the console, or on lines from a pipe.</summary>
internal static class ConsolePrompt
{
    public static async Task Run(Session session, string name)
    {
        Terminal terminal = Console.IsInputRedirected ? new PipeTerminal() : new ConsoleTerminal();
        var prompt = new Prompt(session, terminal, name);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            _ = Break(prompt);
        });

        if (!Console.IsInputRedirected)
        {
            terminal.Write("C# prompt. Type help() or exit(). Ctrl+C stops what is running.");
        }

        await prompt.Run();
    }

    private static async Task Break(Prompt prompt)
    {
        try
        {
            await prompt.Break();
        }
        // The node is gone; the running code reports that itself.
        catch (NodeUnreachableException)
        {
        }
    }

    /// <summary>Lines of a script: no prompt, and errors go to standard error.</summary>
    private sealed class PipeTerminal : Terminal
    {
        internal override string? ReadLine(string prompt) => Console.In.ReadLine();

        internal override void Write(string text) => Output.Line(text);

        internal override void WriteError(string text) => Output.Error(text);
    }
}
