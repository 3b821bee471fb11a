using System.Diagnostics;
using OsProcess = System.Diagnostics.Process;

namespace Midflight.Cli.Tests.Commands;

/// <summary>What a command wrote, and how it ended.</summary>
internal sealed record CommandResult(int Code, string Output, string Error)
{
    /// <summary>The root of the repository.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>Runs <c>./midflight</c>.</summary>
    public static Task<CommandResult> Midflight(params string[] arguments) => Run(Path.Combine(Repository, "midflight"), arguments);

    public static async Task<CommandResult> Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = OsProcess.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await error);
    }

    /// <summary>Fails the test with all that was written, unless the command succeeded.</summary>
    public CommandResult Succeeded()
    {
        Assert.True(Code == 0, $"exit code {Code}\n{Output}\n{Error}");
        return this;
    }

    /// <summary>Fails the test unless the command failed and said why on standard error.</summary>
    public CommandResult Failed(string beginning)
    {
        Assert.True(Code != 0, $"It succeeded:\n{Output}");
        Assert.StartsWith(beginning, Error, StringComparison.Ordinal);
        return this;
    }

    private static string FindRepository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Midflight.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
