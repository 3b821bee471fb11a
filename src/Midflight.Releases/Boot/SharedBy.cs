namespace Midflight.Releases;

/// <summary>Something that only one application of a release can have.</summary>
public enum SharedThing
{
    /// <summary>The name of a registered process.</summary>
    RegisteredName,

    /// <summary>An application that it starts itself.</summary>
    IncludedApplication,

    /// <summary>A module.</summary>
    Module,
}

/// <summary>Something that two applications have and only one may.</summary>
/// <param name="Name">Its name.</param>
/// <param name="First">One application.</param>
/// <param name="Second">The other one; the same if an application lists something twice.</param>
public sealed record SharedBy(string Name, string First, string Second);
