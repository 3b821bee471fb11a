using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Why an application of a release cannot be used.</summary>
public abstract record ApplicationFault
{
    private ApplicationFault() { }

    /// <summary>Its name in the release.</summary>
    public required string Application { get; init; }

    /// <summary>No version of it is there.</summary>
    public sealed record NotFound : ApplicationFault;

    /// <summary>Only other versions are there.</summary>
    /// <param name="Wanted">The version that the release lists.</param>
    /// <param name="Found">The first version found.</param>
    /// <param name="Folder">Where it is.</param>
    public sealed record OtherVersion(string Wanted, string Found, string Folder) : ApplicationFault;

    /// <summary>Its file cannot be read.</summary>
    /// <param name="Error">What is wrong with it.</param>
    public sealed record Unreadable(FileError Error) : ApplicationFault;

    /// <summary>The file belongs to another application.</summary>
    /// <param name="Found">Its name.</param>
    public sealed record OtherName(string Found) : ApplicationFault;

    /// <summary>The release says that it includes applications which it does not include.</summary>
    /// <param name="Included">The applications.</param>
    public sealed record NotIncluded(ImmutableArray<string> Included) : ApplicationFault;

    /// <summary>The whole sentence shown to a person, ending with what to do.</summary>
    public sealed override string ToString() => this switch
    {
        NotFound => $"{Application} is in the release, but no {Application}.app.json was found. Build it, or name its folder.",
        OtherVersion(var wanted, var found, var folder) =>
            $"{Application} {wanted} is in the release, but {folder} has {found}. Build version {wanted}, or change the release.",
        Unreadable(var error) => $"{Application} cannot be read: {error}",
        OtherName(var found) => $"The file of {Application} describes {found}. Give it its own name.",
        NotIncluded(var included) =>
            $"The release says that {Application} includes {string.Join(", ", included)}, which it does not. " +
            "Add it to its included_applications, or take it out of the release.",
        _ => throw new InvalidOperationException($"No sentence for {GetType().Name}."),
    };
}
