using System.Diagnostics;
using System.Text;

namespace OctochatClient;

/// <summary>Runs a program and keeps what it says.</summary>
public static class Command
{
    /// <summary>Runs a program to its end; when cancelled, ends it with all that it has started.</summary>
    /// <param name="program">Its path, or a name on the path.</param>
    /// <param name="arguments">Its arguments, each as it is.</param>
    /// <param name="environment">What to add to the environment; null takes a variable away.</param>
    /// <param name="input">What it reads. Default: nothing.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<CommandResult> Run(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string input = "",
        CancellationToken cancellation = default)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = Read(process.StandardOutput);
        var errors = Read(process.StandardError);

        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It does not read.
        }

        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new(process.ExitCode, await output, await errors);
    }

    private static async Task<string> Read(StreamReader reader)
    {
        var text = new StringBuilder();

        while (await reader.ReadLineAsync() is { } line)
        {
            text.Append(line).Append('\n');
        }

        return text.ToString();
    }
}

/// <summary>How a program ended, and what it said.</summary>
/// <param name="ExitCode">0 for success.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Errors">Standard error.</param>
public sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    /// <summary>The output of a program that has to succeed.</summary>
    /// <exception cref="CommandFailedException">It did not.</exception>
    public string Expect(string what) => ExitCode == 0 ? Output : throw new CommandFailedException($"{what} failed.\n{Errors.Trim()}\n{Output.Trim()}".Trim());
}

/// <summary>A program ended with another exit code than 0.</summary>
public sealed class CommandFailedException(string message) : Exception(message);
