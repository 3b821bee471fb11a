using System.Collections.Immutable;

namespace Midflight.Host;

/// <summary>Code versions that are loaded and compiled, and that nobody runs yet.</summary>
/// <param name="All">In dependency order, those reloaded only because they refer to a changed one among them.</param>
internal sealed record PreparedVersions(ImmutableArray<PreparedVersion> All)
{
    /// <summary>The versions, in that order.</summary>
    internal ImmutableArray<LoadedVersion> Versions { get; } = [.. All.Select(prepared => prepared.Version)];

    /// <summary>The version of an application; null if it is not among them.</summary>
    internal LoadedVersion? Find(string application) => Versions.FirstOrDefault(version => version.Image.Name == application);
}

/// <summary>One of them.</summary>
/// <param name="Version">The version.</param>
/// <param name="Replaced">What was current when it was prepared; null for an application that is new here.</param>
internal sealed record PreparedVersion(LoadedVersion Version, LoadedVersion? Replaced);

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
