using System.Reflection;
using System.Runtime.CompilerServices;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>The shapes of what is loaded, read from the metadata in memory. They hold names only, and so keep no code alive.</summary>
internal static class LoadedShapes
{
    private static readonly ConditionalWeakTable<CodeVersion, ShapeCatalog> s_catalogs = [];
    private static readonly ConditionalWeakTable<Assembly, Dictionary<string, Shape>> s_assemblies = [];

    /// <summary>The shape of a type of hot code; the definition, where it is generic.</summary>
    public static Shape Of(Type type) => s_assemblies.GetValue(type.Assembly, static assembly => Read(assembly).Shapes.ToDictionary(shape => shape.Name))[type.FullName!];

    /// <summary>The types of a code version and of all that it uses.</summary>
    /// <param name="version">The code version.</param>
    /// <param name="type">A type of it, or one that mentions such a type: all that is known of a version that is unloaded but for it.</param>
    public static ShapeCatalog Of(CodeVersion version, Type? type) =>
        version.Assemblies.Count == 0 && type is not null && !s_catalogs.TryGetValue(version, out _)
            ? new(Assemblies(type).Select(assembly => (version.Release, Read(assembly))))
            : s_catalogs.GetValue(version, static version => new(
                Reach(version).SelectMany(used => used.Assemblies.Select(assembly => (used.Release, Read(assembly))))));

    /// <summary>The same, in which of types with the same full name that of one assembly is found.</summary>
    /// <param name="version">The code version.</param>
    /// <param name="first">Name of the assembly.</param>
    public static ShapeCatalog With(CodeVersion version, string? first) => new(Reach(version)
        .SelectMany(used => used.Assemblies.Select(assembly => (used.Release, Assembly: assembly)))
        .OrderByDescending(used => used.Assembly.GetName().Name == first)
        .Select(used => (used.Release, Read(used.Assembly))));

    /// <summary>A code version and all that it uses, however far.</summary>
    public static List<CodeVersion> Reach(CodeVersion version)
    {
        List<CodeVersion> reached = [version];

        for (var i = 0; i < reached.Count; i++)
        {
            reached.AddRange(reached[i].Uses.Where(used => !reached.Contains(used)).ToList());
        }

        return reached;
    }

    private static IEnumerable<Assembly> Assemblies(Type type) => type.HasElementType
        ? Assemblies(type.GetElementType()!)
        : (type.IsGenericType ? type.GetGenericArguments().SelectMany(Assemblies) : []).Append(type.Assembly)
            .Where(assembly => CodeVersion.Of(assembly) is not null).Distinct();

    private static AssemblyShapes Read(Assembly assembly)
    {
        var shapes = AssemblyShapes.Read(new LoadedCode(assembly));
        GC.KeepAlive(assembly);
        return shapes;
    }
}
