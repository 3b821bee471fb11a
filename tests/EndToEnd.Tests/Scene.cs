using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace EndToEnd.Tests;

/// <summary>Runs a test against an installation of its own, and keeps logs and files of one that fails.</summary>
internal static class Scene
{
    // Unpacked once, by tar; each test acts on a copy.
    private static readonly ConcurrentDictionary<string, Lazy<Task<Installation>>> s_unpacked = new();

    static Scene() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var unpacked in s_unpacked.Values.Where(unpacked => unpacked is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }))
        {
            Directory.Delete(unpacked.Value.Result.Root, recursive: true);
        }
    };

    /// <summary>Unpacks a package, lets a test act, and cleans up.</summary>
    /// <param name="package">What is installed first.</param>
    /// <param name="act">The test. What it throws is kept, with the node's log, in artifacts/failed/TEST.</param>
    /// <param name="variant">Tells cases of one test apart.</param>
    /// <param name="test">Its name.</param>
    public static async Task Play(
        Task<string> package, Func<Installation, Task> act, string variant = "", [CallerMemberName] string test = "")
    {
        var file = await package;
        var unpacked = await s_unpacked.GetOrAdd(
            file, static file => new(() => Installation.Unpack(Path.GetFileName(file).Split('-')[0], file))).Value;
        await using var installation = await unpacked.Copy();

        try
        {
            await act(installation);
        }
        catch (Exception failure)
        {
            Keep(installation, failure, Path.Combine(Workshop.FindRepository(), "artifacts", "failed", Clean($"{test}{variant}")));
            throw;
        }
    }

    private static string Clean(string name) => string.Concat(name.Select(letter => char.IsLetterOrDigit(letter) ? letter : '_'));

    private static void Keep(Installation installation, Exception failure, string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "failure.txt"), failure.ToString());

        foreach (var file in new[] { installation.LogFile }
            .Concat(Directory.EnumerateFiles(Path.Combine(installation.Root, "releases"), "*.json", SearchOption.AllDirectories))
            .Where(File.Exists))
        {
            File.Copy(file, Path.Combine(folder, Clean(Path.GetRelativePath(installation.Root, file)) + Path.GetExtension(file)), overwrite: true);
        }
    }
}
