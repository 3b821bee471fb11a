namespace Midflight.Releases;

/// <summary>A source of the applications of releases.</summary>
public interface IApplicationLibrary
{
    /// <summary>Every version of an application, in search order.</summary>
    /// <param name="name">Name of the application.</param>
    public IEnumerable<FoundApplication> Find(string name);

    /// <summary>The appup beside an application.</summary>
    /// <param name="folder">Folder of the application, as returned by <see cref="Find"/>.</param>
    /// <param name="name">Name of the application.</param>
    public FileRead<Appup> ReadAppup(string folder, string name);
}

/// <summary>An application that a library holds.</summary>
/// <param name="Folder">Where its files are: <c>lib/octochat-0.3.2</c>.</param>
/// <param name="Spec">The result of reading it.</param>
public sealed record FoundApplication(string Folder, FileRead<ApplicationSpec> Spec);
