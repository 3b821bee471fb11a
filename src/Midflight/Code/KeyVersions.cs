namespace Midflight;

/// <summary>The code versions of a store's keys: one for each application from which it has keys.</summary>
/// <remarks>
/// <para>
/// Keys of two versions are never equal, so a key is converted before it is looked up. The target is not always the current version: from the
/// flip of an upgrade until the store is converted, and in a rollback, the keys are in the other version. So the contents of a store record it.
/// </para>
/// <para>Immutable. In the order in which a key passes them: an application before those that it uses.</para>
/// </remarks>
internal sealed class KeyVersions
{
    internal static readonly KeyVersions None = new([]);

    private readonly CodeVersion[] _versions;

    private KeyVersions(CodeVersion[] versions) => _versions = versions;

    /// <summary>Whether a key that is looked up as this type can be of hot code, or contain something that is.</summary>
    internal static bool MayConcern(Type type) => type.HasElementType
        ? MayConcern(type.GetElementType()!)
        : !type.IsSealed || CodeVersion.Of(type) is not null || (type.IsGenericType && type.GetGenericArguments().Any(MayConcern));

    internal bool Contains(CodeVersion? version) => Array.IndexOf(_versions, version) >= 0;

    /// <summary>A key in the form that the store has.</summary>
    /// <exception cref="ConversionException">It cannot be converted to the version of the store's keys.</exception>
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

    /// <summary>These versions, for a store that gets a new key. The first key of an application fixes its version to the current one.</summary>
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

    /// <summary>These versions, with another version of the same application.</summary>
    internal KeyVersions With(CodeVersion version)
    {
        var others = _versions.Where(known => known.Application != version.Application).ToList();
        var used = others.FindIndex(known => version.Uses.Any(used => used.Application == known.Application));
        others.Insert(used < 0 ? others.Count : used, version);
        return new([.. others]);
    }
}
