using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Text.Json;

namespace Midflight.Host;

/// <summary>What .NET's own libraries cache about types as long as the program runs, and so would keep code versions in memory.</summary>
/// <remarks>
/// Most libraries declare how to clear their cache, for .NET's hot reload: <see cref="MetadataUpdateHandlerAttribute"/>. The others are in a table, with a test
/// of unloading for each row. What is cleared is computed again when it is next needed.
/// </remarks>
internal static class TypeCaches
{
    // Enough for real caches, and a limit.
    private const int MostObjects = 10_000;

    private const BindingFlags Static = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    // Types from whose static fields dictionaries by type can be reached, through objects of the same assembly.
    private static readonly (string Assembly, string Type)[] s_table =
    [
        ("Microsoft.AspNetCore.Http.Extensions", "Microsoft.AspNetCore.Http.ParameterBindingMethodCache"),
        ("System.ComponentModel.Annotations", "System.ComponentModel.DataAnnotations.ValidationAttributeStore"),
        ("System.ComponentModel.TypeConverter", "System.ComponentModel.TypeDescriptor"),
    ];

    // What to clear for each assembly of the program; computed once.
    private static readonly ConditionalWeakTable<Assembly, Action[]> s_known = [];

    /// <summary>Clears all of them. Can run on any thread.</summary>
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

    // By name: many assemblies have none, and creating the attributes would load everything that they mention.
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

    // From a dictionary made for many threads, it removes the types of hot code. For any other dictionary, it returns the values.
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
        // Another thread was writing at the same time: the next purge finds what is left.
        catch (InvalidOperationException)
        {
        }

        return values;
    }

    // The options that JsonSerializer uses when it is given none.
    private static Action Json()
    {
        var clear = typeof(JsonSerializerOptions).GetMethod("ClearCaches", Instance);
        return () => clear?.Invoke(JsonSerializerOptions.Default, null);
    }
}
