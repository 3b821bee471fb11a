using Midflight.Releases.Builds;
using Midflight.Releases.Packages;

namespace Midflight.Testing;

/// <summary>A release to upgrade from or to in a test: hot code as it was built, or as <c>midflight release</c> has packed it.</summary>
public sealed class HotRelease
{
    private readonly Func<ReleaseLayout, IReadOnlyCollection<string>, ReleaseManifest> _write;
    private readonly string _text;

    private HotRelease(string text, Func<ReleaseLayout, IReadOnlyCollection<string>, ReleaseManifest> write) => (_text, _write) = (text, write);

    /// <summary>The application with this start module, as it was built for the test, with all applications that it refers to.</summary>
    /// <typeparam name="TApplication">Its start module. The test project refers to its project.</typeparam>
    /// <remarks>This is not the code that the test itself runs: the node loads it again, as it loads each version.</remarks>
    public static HotRelease Of<TApplication>()
        where TApplication : Application
    {
        var name = typeof(TApplication).Assembly.GetName().Name!;
        return new(name, (layout, taken) => TestRelease.Write(layout, Built(AppContext.BaseDirectory, name), taken));
    }

    /// <summary>A release on disk.</summary>
    /// <param name="path">
    /// A package of <c>midflight release</c> (<c>chat-0.1.0.tar.gz</c>), the folder of a release, or the folder into which a project was
    /// built with everything that it refers to. Absolute, or relative to the folder of the test's assembly.
    /// </param>
    /// <exception cref="ArgumentException">The path is none of these.</exception>
    public static HotRelease At(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = Path.GetFullPath(path, AppContext.BaseDirectory);

        if (File.Exists(full) || Directory.Exists(Path.Combine(full, "releases")))
        {
            return new(full, (layout, taken) => TestRelease.Copy(layout, full, taken));
        }

        var projects = Directory.Exists(full) ? Directory.GetFiles(full, "*.deps.json") : [];
        return projects is [var only]
            ? new(full, (layout, taken) => TestRelease.Write(layout, Built(full, Path.GetFileName(only)[..^".deps.json".Length]), taken))
            : throw new ArgumentException(
                $"{full} is neither a release's package, nor its folder, nor a folder with one built project{(projects.Length > 1 ? ", but with several" : "")}. Correct the path, or build the project there.",
                nameof(path));
    }

    /// <summary>Writes it into the folder of a node.</summary>
    /// <param name="layout">The node's folder.</param>
    /// <param name="taken">Versions of releases that are already there.</param>
    internal ReleaseManifest Write(ReleaseLayout layout, IReadOnlyCollection<string> taken) => _write(layout, taken);

    /// <inheritdoc/>
    public override string ToString() => _text;

    // The files that a build wrote beside it, or beside the program that refers to it.
    private static Published Built(string folder, string name) => new(folder, name, null)
    {
        DependencyFile = Directory.GetFiles(folder, "*.deps.json").FirstOrDefault(file => DependencyFile.Read(file).Any(dependency => dependency.Name == name))
            ?? throw new InvalidOperationException($"No *.deps.json in {folder} has {name}. Build it there, and leave <GenerateDependencyFile> at its default."),
    };
}
