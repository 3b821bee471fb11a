using System.Diagnostics;
using OsProcess = System.Diagnostics.Process;

namespace Midflight.Cli.Tests.Commands;

public sealed class ShellInterruptTests
{
    [Fact]
    public async Task Ctrl_C_stops_the_line_and_never_ends_the_shell()
    {
        string[] command = ["dotnet", "exec", Path.Combine(AppContext.BaseDirectory, "Midflight.Cli.dll"), "shell"];

        // Who runs the tests in the background ignores interrupts, and so would all that it starts.
        string[] line = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", .. command] : command;
        using var shell = OsProcess.Start(new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = shell.StandardError.ReadToEndAsync();

        try
        {
            await shell.StandardInput.WriteLineAsync("\"be\" + \"gins\"");
            await shell.StandardInput.WriteLineAsync("await Task.Delay(-1)");
            await shell.StandardInput.WriteLineAsync("\"goes\" + \" on\"");
            Assert.Equal("\"begins\"", await shell.StandardOutput.ReadLineAsync());

            // An interrupt too early or too late has nothing to stop, and does no harm either.
            var next = shell.StandardOutput.ReadLineAsync();

            while (await Task.WhenAny(next, shell.WaitForExitAsync(), Task.Delay(100)) != next && !shell.HasExited)
            {
                using var interrupt = OsProcess.Start("kill", ["-INT", $"{shell.Id}"]);
                await interrupt.WaitForExitAsync();
            }

            Assert.Equal("\"goes on\"", await next);
            shell.StandardInput.Close();
            await shell.WaitForExitAsync();
            Assert.Equal(0, shell.ExitCode);
        }
        finally
        {
            if (!shell.HasExited)
            {
                shell.Kill();
            }

            await errors;
        }
    }
}
