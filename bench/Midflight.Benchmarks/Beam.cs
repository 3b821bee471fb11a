using System.Diagnostics;
using System.Globalization;

namespace Midflight.Benchmarks;

/// <summary>The Erlang side: one emulator, asked for a workload at a time, so that runs alternate.</summary>
internal sealed class Beam : IDisposable
{
    private readonly System.Diagnostics.Process _erl;

    private Beam(System.Diagnostics.Process erl) => _erl = erl;

    /// <summary>Where the compiled modules lie.</summary>
    internal static string Folder { get; private set; } = "";

    /// <summary>Compiles and starts it; null where Erlang is not installed.</summary>
    internal static Beam? TryStart()
    {
        try
        {
            var folder = Folder = Directory.CreateTempSubdirectory("midflight-bench-").FullName;
            var sources = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "beam"), "*.erl");

            foreach (var source in sources)
            {
                // The rows switch_* compile their second version there.
                File.Copy(source, Path.Combine(folder, Path.GetFileName(source)));
            }

            using (var compiler = System.Diagnostics.Process.Start("erlc", ["-o", folder, .. sources]))
            {
                compiler.WaitForExit();
            }

            var start = new ProcessStartInfo("erl", ["-noinput", "+P", "4194304", "-kernel", "logger_level", "critical", "-pa", folder, "-noshell", "-s", "bench", "main"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            };
            start.ArgumentList.RemoveAt(0);
            return new(System.Diagnostics.Process.Start(start)!);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    internal async Task<double> Run(string workload)
    {
        await _erl.StandardInput.WriteLineAsync(workload);
        await _erl.StandardInput.FlushAsync();
        var answer = (await _erl.StandardOutput.ReadLineAsync() ?? "no answer").Split(' ', 2);
        return double.TryParse(answer[^1], CultureInfo.InvariantCulture, out var figure)
            ? figure
            : throw new InvalidOperationException($"The Erlang side failed at {workload}: {answer[^1]}");
    }

    public void Dispose()
    {
        _erl.Kill();
        _erl.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
