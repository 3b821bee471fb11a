using System.Collections.Immutable;

namespace Midflight.Host;

/// <summary>Code versions that are loaded and compiled, and that nobody runs yet.</summary>
/// <param name="Versions">In dependency order, those reloaded only because they refer to a changed one among them.</param>
/// <param name="Replaced">What was current when they were prepared; null for an application that is new here.</param>
internal sealed record PreparedVersions(ImmutableArray<LoadedVersion> Versions, ImmutableArray<LoadedVersion?> Replaced)
{
    /// <summary>The version of an application; null if it is not among them.</summary>
    internal LoadedVersion? Find(string application) => Versions.FirstOrDefault(version => version.Image.Name == application);
}

/// <summary>What came of a load: the versions, or why there are none.</summary>
internal abstract record LoadResult
{
    private LoadResult() { }

    internal sealed record Done(PreparedVersions Versions) : LoadResult;

    internal sealed record Refused(LoadRefusal Why) : LoadResult;

    /// <summary>The versions.</summary>
    /// <exception cref="InvalidOperationException">The load was refused; the message says why.</exception>
    internal PreparedVersions OrThrow() => this switch
    {
        Done(var versions) => versions,
        Refused(var why) => throw new InvalidOperationException(why.ToString()),
        _ => throw new InvalidOperationException($"No versions in {GetType().Name}."),
    };
}
