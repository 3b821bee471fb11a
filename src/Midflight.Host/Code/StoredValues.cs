namespace Midflight.Host;

/// <summary>What a node keeps outside its processes (tables, registries, persistent values) when code is loaded or purged without a release.</summary>
internal static class StoredValues
{
    /// <summary>Whether the stored values can be converted.</summary>
    /// <returns>The first obstacle; null if there is none.</returns>
    internal static LoadRefusal? Check(Node node, PreparedVersions prepared)
    {
        foreach (var version in prepared.Versions)
        {
            try
            {
                foreach (var store in node.Stores.All)
                {
                    _ = version.Version.Incoming is { } incoming ? store.Rehearse(incoming) : 0;
                }
            }
            // Handwritten conversions may throw anything.
            catch (Exception exception)
            {
                return new LoadRefusal.Faulty(version.Image.ToString(), exception.Message, "Fix the conversion.");
            }
        }

        return null;
    }

    /// <summary>Converts the stored values to the current versions of applications, so that a purge finds none in the old ones.</summary>
    internal static void Refresh(Node node, IEnumerable<CodeVersion> versions)
    {
        foreach (var current in versions.Select(version => version.Application.Current).OfType<CodeVersion>().Distinct())
        {
            foreach (var store in node.Stores.All)
            {
                try
                {
                    store.Bring(current);
                }
                // It stays as it was: whoever reads the value gets the same failure, and the purge report names what holds it.
                catch (Exception)
                {
                }
            }
        }
    }
}
