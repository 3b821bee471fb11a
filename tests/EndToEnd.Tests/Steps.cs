using System.Text.Json;

namespace EndToEnd.Tests;

/// <summary>What most tests do with an installation, each step with its own check.</summary>
internal static class Steps
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Starts the node.</summary>
    public static async Task Start(this Installation installation) => await installation.Succeed("start");

    /// <summary>Runs a verb that has to succeed.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> Succeed(this Installation installation, params string[] arguments)
    {
        var result = await installation.Do(arguments);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', arguments)} ended with {result.ExitCode}.\n{result.Errors}\n{result.Output}");
        return result.Output;
    }

    /// <summary>Runs a verb that has to fail, with exit code 1 and a sentence on standard error.</summary>
    /// <returns>The sentence.</returns>
    public static async Task<string> Fail(this Installation installation, params string[] arguments)
    {
        var result = await installation.Do(arguments);
        Assert.True(result.ExitCode == 1, $"{string.Join(' ', arguments)} ended with {result.ExitCode} instead of 1.\n{result.Errors}\n{result.Output}");
        Assert.NotEmpty(result.Errors.Trim());
        return result.Errors.Trim();
    }

    /// <summary>Delivers a package and upgrades to it.</summary>
    public static async Task<JsonElement> Upgrade(this Installation installation, string package)
    {
        installation.Deliver(package);
        return JsonDocument.Parse(await installation.Succeed("upgrade", VersionOf(package), "--json")).RootElement;
    }

    /// <summary>The version that a package holds.</summary>
    public static string VersionOf(string package) => Path.GetFileName(package).Split('-')[1].Replace(".tar.gz", "", StringComparison.Ordinal);

    /// <summary>What <c>status</c> says.</summary>
    public static async Task<JsonElement> Status(this Installation installation) =>
        JsonDocument.Parse(await installation.Succeed("status", "--json")).RootElement;

    /// <summary>The status of each release.</summary>
    public static async Task<string> StatusOf(this Installation installation, string version) =>
        JsonDocument.Parse(await installation.Succeed("releases", "--json")).RootElement.GetProperty("releases").EnumerateArray()
            .Single(release => release.GetProperty("version").GetString() == version).GetProperty("status").GetString()!;

    /// <summary>Asserts that every connection of a crowd answers with a version, and that none was dropped or answered wrongly.</summary>
    public static async Task Answers(this Crowd crowd, int version)
    {
        var versions = await crowd.Versions();
        Assert.Equal([KeyValuePair.Create($"version: {version}", crowd.Connections.Count)], versions);
        var seen = crowd.Take();
        Assert.Equal((0, 0), (seen.Dropped, seen.Wrong));
    }

    /// <summary>Waits until something is so.</summary>
    public static Task Until(string what, Func<bool> isSo) => Until(what, () => Task.FromResult(isSo()));

    /// <inheritdoc cref="Until(string, Func{bool})"/>
    public static async Task Until(string what, Func<Task<bool>> isSo)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        var began = TimeProvider.System.GetTimestamp();

        while (!await isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < s_patience, $"Waited {s_patience.TotalSeconds} s in vain: {what}.");
            await timer.WaitForNextTickAsync();
        }
    }
}
