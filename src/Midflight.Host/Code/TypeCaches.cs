using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Text.Json;

namespace Midflight.Host;

/// <summary>What .NET's own libraries remember of types for as long as the program runs, and would keep code versions in memory by.</summary>
/// <remarks>
/// Most libraries say how to clear it, for .NET's hot reload: <see cref="MetadataUpdateHandlerAttribute"/>. Those which do not are in a table; a test
/// of unloading shows each row. What is cleared is worked out anew when it is next asked for.
/// </remarks>
internal static class TypeCaches
{
    // Enough for what there is, and a bound.
    private const int MostObjects = 10_000;

    private const BindingFlags Static = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    // From whose static fields dictionaries by type can be reached, over objects of the same assembly.
    private static readonly (string Assembly, string Type)[] s_table =
    [
        ("Microsoft.AspNetCore.Http.Extensions", "Microsoft.AspNetCore.Http.ParameterBindingMethodCache"),
        ("System.ComponentModel.Annotations", "System.ComponentModel.DataAnnotations.ValidationAttributeStore"),
        ("System.ComponentModel.TypeConverter", "System.ComponentModel.TypeDescriptor"),
    ];

    // What each assembly of the program has to clear; worked out once.
    private static readonly ConditionalWeakTable<Assembly, Action[]> s_known = [];

    /// <summary>Clears them all. Any thread.</summary>
    internal static void Clear()
    {
        foreach (var assembly in AssemblyLoadContext.Default.Assemblies)
        {
            if (!assembly.IsDynamic)
            {
                foreach (var clear in s_known.GetValue(assembly, Of))
                {
                    clear();
                }
            }
        }
    }

    private static Action[] Of(Assembly assembly) => [.. Handlers(assembly), .. Rows(assembly), .. assembly == typeof(JsonSerializer).Assembly ? new[] { Json() } : []];

    // By name, as many assemblies have none, and to make the attributes would load all that they mention.
    private static IEnumerable<Action> Handlers(Assembly assembly) => assembly.GetCustomAttributesData()
        .Where(attribute => attribute.AttributeType == typeof(MetadataUpdateHandlerAttribute))
        .Select(attribute => ((Type)attribute.ConstructorArguments[0].Value!).GetMethod("ClearCache", Static, [typeof(Type[])]))
        .OfType<MethodInfo>()
        .Select(method => method.CreateDelegate<Action<Type[]?>>())
        .Select(clear => (Action)(() => clear(null)));

    private static IEnumerable<Action> Rows(Assembly assembly)
    {
        var name = assembly.GetName().Name;

        foreach (var (_, type) in s_table.Where(row => row.Assembly == name))
        {
            if (assembly.GetType(type) is { } found)
            {
                yield return () => Clear(found);
            }
        }
    }

    private static void Clear(Type type)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var waiting = new Stack<object>(Values(type, null, Static));

        while (waiting.TryPop(out var next))
        {
            if (seen.Count == MostObjects || !seen.Add(next))
            {
                continue;
            }

            if (next is IDictionary dictionary)
            {
                foreach (var value in Clear(dictionary))
                {
                    waiting.Push(value);
                }
            }
            else if (next.GetType().Assembly == type.Assembly)
            {
                for (var of = next.GetType(); of?.Assembly == type.Assembly; of = of.BaseType)
                {
                    foreach (var value in Values(of, next, Instance))
                    {
                        waiting.Push(value);
                    }
                }
            }
        }
    }

    private static IEnumerable<object> Values(Type type, object? of, BindingFlags which) => type.GetFields(which | BindingFlags.DeclaredOnly)
        .Where(field => !field.FieldType.IsPrimitive && !field.FieldType.IsPointer)
        .Select(field => field.GetValue(of))
        .OfType<object>();

    // Takes types of hot code out of one that many threads may use at once. The values of any other.
    private static List<object> Clear(IDictionary dictionary)
    {
        var isConcurrent = dictionary.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(ConcurrentDictionary<,>);
        var values = new List<object>();

        try
        {
            foreach (DictionaryEntry entry in dictionary)
            {
                if (isConcurrent && entry.Key is Type { IsCollectible: true } key)
                {
                    dictionary.Remove(key);
                }
                else if (entry.Value is { } value)
                {
                    values.Add(value);
                }
            }
        }
        // Somebody has written at the same time: the next purge finds what is left.
        catch (InvalidOperationException)
        {
        }

        return values;
    }

    // The options that JsonSerializer uses where it is given none.
    private static Action Json()
    {
        var clear = typeof(JsonSerializerOptions).GetMethod("ClearCaches", Instance);
        return () => clear?.Invoke(JsonSerializerOptions.Default, null);
    }
}
