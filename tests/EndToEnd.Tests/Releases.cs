using System.Collections.Concurrent;

namespace EndToEnd.Tests;

/// <summary>The releases that tests install, each built once and kept until a source changes.</summary>
internal static class Releases
{
    private static readonly Workshop s_workshop = new(Workshop.FindRepository());
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> s_packages = new();

    // They share the projects of the runtime, which cannot be built twice at once.
    private static readonly SemaphoreSlim s_oneAtATime = new(1);

    /// <summary>The package of a release of the sample. 0.3.1 is the one that is broken.</summary>
    public static Task<string> Octochat(string version) => Package("octochat", $"samples/octochat/{version}", version, version switch
    {
        "0.2.0" => "0.1.0",
        "0.3.0" => "0.2.0",
        "0.3.1" => "0.3.0",
        _ => null,
    });

    /// <summary>The package of a server that misbehaves when told to: see tests/fixtures/README.md.</summary>
    public static Task<string> Lab(string version) =>
        Package("lab", $"tests/fixtures/lab-{version}", version, version == "1.0.0" ? null : "1.0.0");

    /// <summary>The package of the hot code of the sample of hosting.</summary>
    public static Task<string> Visits(string version) =>
        Package("visits", $"samples/hosting/{version}", version, version == "0.1.0" ? null : "0.1.0");

    /// <summary>The package of a release of the sample, signed; built anew, into a folder.</summary>
    public static async Task<string> SignedOctochat(string version, string folder, string key)
    {
        var from = await Octochat("0.1.0");
        await s_oneAtATime.WaitAsync();

        try
        {
            var repository = Workshop.FindRepository();
            (await Command.Run(
                Path.Combine(repository, "midflight"),
                ["release", Path.Combine(repository, "samples", "octochat", version), "--output", folder, "--from", from, "--sign", key])).Expect("Signing");
            return Directory.EnumerateFiles(folder, $"octochat-{version}.tar.gz", SearchOption.AllDirectories).First();
        }
        finally
        {
            s_oneAtATime.Release();
        }
    }

    private static Task<string> Package(string name, string project, string version, string? from) =>
        s_packages.GetOrAdd($"{name}-{version}", _ => new(() => Build(name, project, version, from))).Value;

    private static async Task<string> Build(string name, string project, string version, string? from)
    {
        if (from is not null)
        {
            await (name switch { "lab" => Lab(from), "visits" => Visits(from), _ => Octochat(from) });
        }

        await s_oneAtATime.WaitAsync();

        try
        {
            return await s_workshop.Release(project, name, version, from);
        }
        finally
        {
            s_oneAtATime.Release();
        }
    }
}
