using System.Collections.Immutable;

namespace Midflight.Host;

/// <summary>What has to be loaded so that some applications change, and in which order.</summary>
internal static class LoadOrder
{
    /// <summary>The new images and those of the applications that refer to one of them. Each comes after everything that it refers to.</summary>
    /// <param name="changed">The images to load.</param>
    /// <param name="current">The images that are current.</param>
    internal static ImmutableArray<ApplicationImage> Of(IEnumerable<ApplicationImage> changed, IEnumerable<ApplicationImage> current)
    {
        var all = current.ToDictionary(image => image.Name);
        var loading = new HashSet<string>();

        foreach (var image in changed)
        {
            all[image.Name] = image;
            loading.Add(image.Name);
        }

        var owners = new Dictionary<string, ApplicationImage>();

        foreach (var image in all.Values)
        {
            foreach (var assembly in image.Assemblies)
            {
                owners.TryAdd(assembly.Name, image);
            }
        }

        var order = ImmutableArray.CreateBuilder<ApplicationImage>();
        var seen = new HashSet<string>();

        void Visit(ApplicationImage image)
        {
            if (!seen.Add(image.Name))
            {
                return;
            }

            foreach (var used in Uses(image, owners))
            {
                Visit(used);

                if (loading.Contains(used.Name))
                {
                    loading.Add(image.Name);
                }
            }

            if (loading.Contains(image.Name))
            {
                order.Add(image);
            }
        }

        var names = all.Keys.ToArray();
        Array.Sort(names, StringComparer.Ordinal);

        foreach (var name in names)
        {
            Visit(all[name]);
        }

        return order.ToImmutable();
    }

    private static IEnumerable<ApplicationImage> Uses(ApplicationImage image, Dictionary<string, ApplicationImage> owners) =>
        image.Assemblies.SelectMany(assembly => assembly.References)
            .Select(reference => owners.GetValueOrDefault(reference))
            .Where(owner => owner is not null && owner.Name != image.Name)
            .Distinct()!;
}
