using System.Diagnostics;
using System.Globalization;

namespace EndToEnd.Tests;

/// <summary>The sample of hosting: hot code in a program of ASP.NET Core.</summary>
[Trait("Category", "EndToEnd")]
public sealed class HostingTests
{
    [Fact]
    public Task A_program_of_ASP_NET_Core_is_upgraded_while_it_serves_and_stops_in_order_on_SIGTERM() => Scene.Play(
        Releases.Visits("0.1.0"),
        async visits =>
        {
            visits.Deliver(await Releases.Visits("0.2.0"));
            using var web = Start(visits);
            var log = Log(web);
            using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{visits.Port}") };
            await Steps.Until("the web server listens", () => log.Says("Now listening on") || web.HasExited);
            // The message is the program's own object, of a type in a project that the hot code refers to as well.
            Assert.Equal("visit 1", await client.GetStringAsync("/"));

            await visits.Succeed("upgrade", "0.2.0");
            Assert.StartsWith("visit 2, in ", await client.GetStringAsync("/"), StringComparison.Ordinal);
            var refused = await visits.Fail("start");
            Assert.Contains("already running", refused, StringComparison.Ordinal);

            (await Command.Run("kill", ["-TERM", web.Id.ToString(CultureInfo.InvariantCulture)])).Expect("SIGTERM");
            await web.WaitForExitAsync();
            Assert.Equal(0, web.ExitCode);
            Assert.True(log.Says("Visit 2"));
            Assert.True(log.Says("Application visits 0.2.0 stopped."));
            Assert.Null(visits.Node());
        });

    private static Process Start(Installation visits)
    {
        var program = Path.Combine(Workshop.FindRepository(), "artifacts", "bin", "visits-web", new DirectoryInfo(AppContext.BaseDirectory).Name, "web.dll");
        return Process.Start(new ProcessStartInfo("dotnet", [program, "--release", visits.Root, "--urls", $"http://127.0.0.1:{visits.Port}"])
        {
            RedirectStandardOutput = true,
        })!;
    }

    private static ProgramLog Log(Process program)
    {
        var log = new ProgramLog();
        program.OutputDataReceived += (_, line) => log.Add(line.Data);
        program.BeginOutputReadLine();
        return log;
    }

    private sealed class ProgramLog
    {
        private readonly List<string> _lines = [];

        public void Add(string? line)
        {
            lock (_lines)
            {
                _lines.Add(line ?? "");
            }
        }

        public bool Says(string text)
        {
            lock (_lines)
            {
                return _lines.Exists(line => line.Contains(text, StringComparison.Ordinal));
            }
        }
    }
}
