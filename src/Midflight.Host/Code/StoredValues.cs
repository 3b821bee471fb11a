namespace Midflight.Host;

/// <summary>What a node keeps outside of its processes (tables, registries, persistent values) when code comes and goes without a release.</summary>
internal static class StoredValues
{
    /// <summary>Whether what is there now can be taken over.</summary>
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
            // Written conversions may throw anything.
            catch (Exception exception)
            {
                return new LoadRefusal.Faulty(version.Image.ToString(), exception.Message, "Fix the conversion.");
            }
        }

        return null;
    }

    /// <summary>Brings what is there into the current versions of applications, so that a purge finds nothing of it in the old ones.</summary>
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
                // It stays as it was: whoever reads the value fails with the same words, and the report of the purge names who holds it.
                catch (Exception)
                {
                }
            }
        }
    }
}
