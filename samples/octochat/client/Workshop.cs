using System.Security.Cryptography;
using System.Text;

namespace OctochatClient;

/// <summary>Builds releases with <c>./midflight release</c>, each once: what was built stays until a source changes.</summary>
public sealed class Workshop
{
    private static readonly string[] s_sourceFolders = ["src", "samples", "tests/fixtures"];

    private readonly string _repository;
    private readonly string _shelf;

    /// <param name="repository">The folder with the script <c>midflight</c>.</param>
    public Workshop(string repository)
    {
        _repository = repository;
        _shelf = Path.Combine(repository, "artifacts", "releases", Fingerprint(repository));
    }

    /// <summary>The folder of this repository, seen from a program built in it.</summary>
    public static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Midflight.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"{AppContext.BaseDirectory} is in no folder with Midflight.slnx. Run this program where it was built.");
    }

    /// <summary>Whether a release has been built from the sources as they are now.</summary>
    public bool Has(string name, string version) => File.Exists(Package(name, version));

    /// <summary>The package of a release.</summary>
    public string Package(string name, string version) => Path.Combine(_shelf, $"{name}-{version}.tar.gz");

    /// <summary>Builds a release, unless it has been built.</summary>
    /// <param name="project">Folder of the project, seen from the repository.</param>
    /// <param name="name">The name of the release.</param>
    /// <param name="version">The version that the project has.</param>
    /// <param name="from">The version that it should upgrade; null for none.</param>
    /// <param name="cancellation">Gives up; nothing half built stays.</param>
    /// <returns>Its package.</returns>
    /// <exception cref="CommandFailedException">It was not built; the message says why.</exception>
    public async Task<string> Release(
        string project, string name, string version, string? from = null, CancellationToken cancellation = default)
    {
        var package = Package(name, version);

        if (File.Exists(package))
        {
            return package;
        }

        var output = Directory.CreateDirectory(Path.Combine(_shelf, $".build-{name}-{version}-{Environment.ProcessId}")).FullName;

        try
        {
            List<string> arguments = ["release", Path.Combine(_repository, project), "--output", output];

            if (from is not null)
            {
                arguments.AddRange("--from", Package(name, from));
            }

            var result = await Command.Run(Path.Combine(_repository, "midflight"), arguments, cancellation: cancellation);
            result.Expect($"Building {name} {version}");

            // It would be taken for one of the sources as they were, and fit no other release of those.
            if (Path.GetFileName(_shelf) != Fingerprint(_repository))
            {
                throw new CommandFailedException($"Sources have changed while {name} {version} was built. Run this program again.");
            }

            File.Move(Directory.EnumerateFiles(output, Path.GetFileName(package), SearchOption.AllDirectories).First(), package, overwrite: true);
            return package;
        }
        finally
        {
            Directory.Delete(output, recursive: true);
        }
    }

    // Whatever a release is made of: paths and contents of all sources.
    private static string Fingerprint(string repository)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var sources = s_sourceFolders
            .Select(folder => Path.Combine(repository, folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(repository, "*.props"))
            .Where(file => Path.GetExtension(file) is ".cs" or ".csproj" or ".props" or ".targets" or ".sh")
            .Order(StringComparer.Ordinal);

        foreach (var file in sources)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(repository, file)));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }
}
