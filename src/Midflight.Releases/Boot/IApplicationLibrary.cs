namespace Midflight.Releases;

/// <summary>Where the applications of releases are found.</summary>
public interface IApplicationLibrary
{
    /// <summary>Every version of an application, in the order in which they are looked at.</summary>
    /// <param name="name">Name of the application.</param>
    public IEnumerable<FoundApplication> Find(string name);

    /// <summary>The appup that lies beside an application.</summary>
    /// <param name="folder">Folder of the application, as <see cref="Find"/> gave it.</param>
    /// <param name="name">Name of the application.</param>
    public FileRead<Appup> ReadAppup(string folder, string name);
}

/// <summary>An application that a library holds.</summary>
/// <param name="Folder">Where its files are: <c>lib/octochat-0.3.2</c>.</param>
/// <param name="Spec">What came of reading it.</param>
public sealed record FoundApplication(string Folder, FileRead<ApplicationSpec> Spec);
