using System.Collections.Concurrent;
using System.Reflection;

namespace Midflight.Releases;

/// <summary>What derives from what among the types of .NET, which metadata of an application only names.</summary>
internal static class SharedHierarchy
{
    private static readonly Lazy<Assembly[]> s_assemblies = new(() =>
        [.. new[] { "System.Runtime", "netstandard", "System.Collections.Immutable", "System.Collections", "System.Threading.Channels" }.Select(Load).OfType<Assembly>()]);

    private static readonly ConcurrentDictionary<string, Type?> s_types = new();

    /// <summary>A type of .NET; null for one that is not known here.</summary>
    public static Type? Find(string fullName) => s_types.GetOrAdd(fullName, static name => name.StartsWith("System.", StringComparison.Ordinal)
        ? s_assemblies.Value.Select(assembly => assembly.GetType(name)).FirstOrDefault(type => type is not null)
        : null);

    /// <summary>Whether a value in a place of the one type may be one of the other: false only where it is known that none is.</summary>
    public static bool MayBe(string old, string now)
    {
        var (before, after) = (Find(old), Find(now));

        if (before is null || after is null)
        {
            // Nothing is known of one: by convention an interface says so in its name.
            return SharedRules.IsInterface(old) || SharedRules.IsInterface(now);
        }

        return !before.IsValueType && !after.IsValueType
            && (Derives(before, after) || Derives(after, before)
                || (after.IsInterface && !before.IsSealed) || (before.IsInterface && !after.IsSealed) || (before.IsInterface && after.IsInterface));
    }

    /// <summary>Whether every value of the one type is one of the other.</summary>
    public static bool Is(string old, string now) => Find(old) is { } before && Find(now) is { } after && Derives(before, after);

    private static bool Derives(Type type, Type from)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            if (Definition(at) == from)
            {
                return true;
            }
        }

        return Array.Exists(type.GetInterfaces(), implemented => Definition(implemented) == from);
    }

    private static Type Definition(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    private static Assembly? Load(string name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
