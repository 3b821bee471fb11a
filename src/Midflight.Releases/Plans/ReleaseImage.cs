using System.Collections.Immutable;
using Midflight.Releases.Packages;

namespace Midflight.Releases.Plans;

/// <summary>A release as the planner sees it: what its files say, and the metadata of its hot code.</summary>
/// <param name="Spec">The release.</param>
/// <param name="Applications">Its applications, in the order of the release.</param>
public sealed record ReleaseImage(ReleaseSpec Spec, ImmutableArray<ApplicationCode> Applications)
{
    /// <summary>The version of Midflight that carries it; empty where that is not known.</summary>
    public string Midflight { get; init; } = "";

    /// <summary>An application by its name, or null.</summary>
    public ApplicationCode? Find(string application) => Applications.FirstOrDefault(candidate => candidate.Spec.Name == application);

    /// <summary>Reads a release that lies on the disk.</summary>
    /// <param name="layout">Where it lies.</param>
    /// <param name="name">The name of the release.</param>
    /// <param name="version">Its version.</param>
    /// <exception cref="InvalidDataException">A file is missing or damaged; the message names file, line and column.</exception>
    public static ReleaseImage Read(ReleaseLayout layout, string name, string version)
    {
        ArgumentNullException.ThrowIfNull(layout);
        var spec = Content(layout.RelFile(name, version), ReleaseFile.Read);
        return new(spec, [.. spec.Applications.Select(application => ApplicationCode.Read(layout, application.Name, application.Version))])
        {
            Midflight = ReleaseManifest.Read(layout, version).Midflight,
        };
    }

    internal static T Content<T>(string file, Func<string, ReadOnlyMemory<byte>, FileRead<T>> read)
        where T : class
    {
        if (!File.Exists(file))
        {
            throw new InvalidDataException($"{file} is missing. Unpack the release again.");
        }

        return read(file, File.ReadAllBytes(file)).Succeeded(out var content, out var error)
            ? content
            : throw new InvalidDataException(error.ToString());
    }
}

/// <summary>One application of a release: what it says of itself, and the metadata of its own assemblies.</summary>
/// <param name="Spec">What <c>NAME.app.json</c> says.</param>
/// <param name="Assemblies">Its own assemblies; those of packages are not hot and not among them.</param>
public sealed record ApplicationCode(ApplicationSpec Spec, ImmutableArray<AssemblyFile> Assemblies)
{
    /// <summary>The appup that lies beside it, if a person wrote one.</summary>
    public Appup? Appup { get; init; }

    internal static ApplicationCode Read(ReleaseLayout layout, string name, string version)
    {
        var spec = ReleaseImage.Content(layout.AppFile(name, version), ApplicationFile.Read);
        var modules = spec.Modules.Select(module => module.Name).ToHashSet();
        var own = Directory.EnumerateFiles(layout.Library(name, version), "*.dll")
            .Order(StringComparer.Ordinal)
            .Select(TryRead)
            .OfType<AssemblyFile>()
            .Where(assembly => string.Equals(assembly.Name, name, StringComparison.OrdinalIgnoreCase)
                || assembly.Types.Any(type => modules.Contains(type.FullName)));
        var appup = layout.AppupFile(name, version);
        return new(spec, [.. own]) { Appup = File.Exists(appup) ? ReleaseImage.Content(appup, AppupFile.Read) : null };
    }

    private static AssemblyFile? TryRead(string file)
    {
        try
        {
            return AssemblyFile.Read(file);
        }
        catch (Exception exception) when (exception is BadImageFormatException or InvalidOperationException)
        {
            // A native library that a package brings.
            return null;
        }
    }
}
