using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;

namespace Midflight.Host;

/// <summary>
/// The packages that applications bring. A package is loaded once and shared by all code versions as long as neither it nor
/// anything that it refers to changes, so its values pass between versions unchanged.
/// </summary>
/// <remarks>If the node itself has the package, the node's copy is used. Packages are never unloaded.</remarks>
internal static class LibraryPool
{
    // By content, not by node: nodes in the same operating system process may share them.
    private static readonly ConcurrentDictionary<string, Lazy<Assembly>> s_loaded = new();

    private static readonly HashSet<string> s_own = [.. ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "")
        .Split(Path.PathSeparator).Select(file => Path.GetFileNameWithoutExtension(file))];

    /// <summary>Whether the program that the node runs in has an assembly of this simple name.</summary>
    internal static bool HostHas(string assembly) => s_own.Contains(assembly);

    /// <summary>The packages of an application that the node does not have, by simple name.</summary>
    internal static IReadOnlyDictionary<string, Assembly> Load(ImmutableArray<AssemblyImage> libraries)
    {
        var images = libraries.Where(library => !s_own.Contains(library.Name)).ToDictionary(library => library.Name);
        var keys = new Dictionary<string, string>();
        return images.Values.ToDictionary(image => image.Name, image => Load(image, images, keys));
    }

    private static Assembly Load(AssemblyImage image, Dictionary<string, AssemblyImage> images, Dictionary<string, string> keys) =>
        s_loaded.GetOrAdd(
            Key(image, images, keys),
            _ => new(() => new Context(image, [.. References(image, images)], other => Load(other, images, keys)).Assembly)).Value;

    // The identity of the package and of everything that it reaches: bound to another version, it is a different package.
    private static string Key(AssemblyImage image, Dictionary<string, AssemblyImage> images, Dictionary<string, string> keys)
    {
        if (keys.TryGetValue(image.Name, out var known))
        {
            return known;
        }

        // If packages refer to each other in a circle, the name stands for the one being worked out.
        keys[image.Name] = image.Name;
        return keys[image.Name] = $"{image.Id:N}({string.Join(",", References(image, images).Select(reference => Key(reference, images, keys)))})";
    }

    private static IEnumerable<AssemblyImage> References(AssemblyImage image, Dictionary<string, AssemblyImage> images) =>
        image.References.Order(StringComparer.Ordinal).Where(images.ContainsKey).Select(name => images[name]);

    private sealed class Context : AssemblyLoadContext
    {
        private readonly Dictionary<string, AssemblyImage> _references;
        private readonly Func<AssemblyImage, Assembly> _load;

        internal Context(AssemblyImage image, ImmutableArray<AssemblyImage> references, Func<AssemblyImage, Assembly> load)
            : base(image.Name)
        {
            _references = references.ToDictionary(reference => reference.Name);
            _load = load;
            Assembly = LoadFromStream(new MemoryStream(image.Bytes), image.Symbols is { } symbols ? new MemoryStream(symbols) : null);
        }

        internal Assembly Assembly { get; }

        /// <inheritdoc/>
        protected override Assembly? Load(AssemblyName assemblyName) =>
            _references.TryGetValue(assemblyName.Name!, out var image) ? _load(image) : null;
    }
}
