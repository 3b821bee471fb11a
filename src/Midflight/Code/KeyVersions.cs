namespace Midflight;

/// <summary>The code versions that the keys of a store are in: one of each application from which it has keys.</summary>
/// <remarks>
/// <para>
/// Keys of two versions are never equal, so a key is converted before it is looked for. That is not always into the current version: from the
/// flip of an upgrade until the store is converted, and on the way back, the keys are in the other one. So the contents of a store say it.
/// </para>
/// <para>Never changes itself. In the order in which a key passes them: an application ahead of those that it uses.</para>
/// </remarks>
internal sealed class KeyVersions
{
    internal static readonly KeyVersions None = new([]);

    private readonly CodeVersion[] _versions;

    private KeyVersions(CodeVersion[] versions) => _versions = versions;

    /// <summary>Whether a key that is looked for as this type can be of hot code, or hold something that is.</summary>
    internal static bool MayConcern(Type type) => type.HasElementType
        ? MayConcern(type.GetElementType()!)
        : !type.IsSealed || CodeVersion.Of(type) is not null || (type.IsGenericType && type.GetGenericArguments().Any(MayConcern));

    internal bool Contains(CodeVersion? version) => Array.IndexOf(_versions, version) >= 0;

    /// <summary>A key as the store has it.</summary>
    /// <exception cref="ConversionException">It has no counterpart in the version of the store's keys.</exception>
    internal object Own(object key)
    {
        if (key is not string)
        {
            foreach (var version in _versions)
            {
                key = Door.Into(version, key)!;
            }
        }

        return key;
    }

    /// <summary>These, for a store that a key is put into: the first key of an application decides that its keys are in the version then current.</summary>
    internal KeyVersions For(object key)
    {
        var versions = this;

        if (key is not string)
        {
            foreach (var version in CodeVersion.Mentioned(key.GetType()))
            {
                if (!Array.Exists(versions._versions, known => known.Application == version.Application))
                {
                    versions = versions.With(version.Application.Current ?? version);
                }
            }
        }

        return versions;
    }

    /// <summary>These, with a version in the place of that of the same application.</summary>
    internal KeyVersions With(CodeVersion version)
    {
        var others = _versions.Where(known => known.Application != version.Application).ToList();
        var used = others.FindIndex(known => version.Uses.Any(used => used.Application == known.Application));
        others.Insert(used < 0 ? others.Count : used, version);
        return new([.. others]);
    }
}
