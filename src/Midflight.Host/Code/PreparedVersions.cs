using System.Collections.Immutable;

namespace Midflight.Host;

/// <summary>Code versions that are loaded and compiled, but that no process runs yet.</summary>
/// <param name="All">In dependency order, including those reloaded only because they refer to a changed one.</param>
internal sealed record PreparedVersions(ImmutableArray<PreparedVersion> All)
{
    /// <summary>The versions, in that order.</summary>
    internal ImmutableArray<LoadedVersion> Versions { get; } = [.. All.Select(prepared => prepared.Version)];

    /// <summary>The version of an application; null if it is not among them.</summary>
    internal LoadedVersion? Find(string application) => Versions.FirstOrDefault(version => version.Image.Name == application);
}

/// <summary>One of them.</summary>
/// <param name="Version">The version.</param>
/// <param name="Replaced">The version that was current when it was prepared; null for an application that is new to the node.</param>
internal sealed record PreparedVersion(LoadedVersion Version, LoadedVersion? Replaced);

/// <summary>The result of a load: the versions, or why there are none.</summary>
internal abstract record LoadResult
{
    private LoadResult() { }

    internal sealed record Done(PreparedVersions Versions) : LoadResult;

    internal sealed record Refused(LoadRefusal Why) : LoadResult;

    /// <summary>The versions.</summary>
    /// <exception cref="InvalidOperationException">The load was refused; the message states the reason.</exception>
    internal PreparedVersions OrThrow() => this switch
    {
        Done(var versions) => versions,
        Refused(var why) => throw new InvalidOperationException(why.ToString()),
        _ => throw new InvalidOperationException($"No versions in {GetType().Name}."),
    };
}
