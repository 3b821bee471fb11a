using System.Diagnostics;

namespace Midflight.Host.Tests.Soak;

/// <summary>A node that switches again and again goes on: <see cref="ManySwitches"/>, in processes of their own, since the fault that it looks for would end them.</summary>
public sealed class ManySwitchesTests
{
    [Fact]
    public Task Switches_under_load_beside_threads_that_end_do_no_harm() => Run("--count 12 --keys 50 --clients 10 --ending", verify: true);

    [Theory]
    [Trait("Category", "Soak")]
    [InlineData("--count 2000 --keys 10000", false)]
    [InlineData("--count 2000 --keys 10000 --retained", false)]
    [InlineData("--count 200 --keys 1000 --ending", true)]
    [InlineData("--count 10000 --keys 100 --ending", false)]
    public Task Thousands_of_switches_do_no_harm(string options, bool verify) => Run(options, verify);

    private static async Task Run(string options, bool verify)
    {
        var start = new ProcessStartInfo("dotnet", $"{typeof(ManySwitchesTests).Assembly.Location} switches {options}")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // As in a node.
        start.Environment["DOTNET_gcServer"] = "1";
        start.Environment["DOTNET_ThreadPool_ThreadTimeoutMs"] = "-1";
        // More collections than a node has, and each looks whether the heap is whole.
        start.Environment["DOTNET_GCgen0size"] = "0x400000";
        start.Environment["DOTNET_HeapVerify"] = verify ? "1" : "0";
        using var process = System.Diagnostics.Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"It ended with {process.ExitCode}.\n{output}\n{await error}");
    }
}
