using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Midflight;

/// <summary>The JSON in the file of a table: the fields of each value. A value that could not be restored exactly is refused at the write, and not lost.</summary>
/// <remarks>
/// Each value is judged by its own type: it is restored exactly if it has the very type of its place, and if its collections hold nothing besides their
/// elements. Fields are read and set one by one, and no constructor runs, as when an upgrade converts a value. .NET's JSON caches how it
/// reads a type forever, which would keep old code in memory.
/// </remarks>
internal sealed class TableJson
{
    // The maximum depth of .NET's JSON, minus the line itself.
    private const int Deepest = 62;

    private static readonly Type[] s_collections = [typeof(List<>), typeof(HashSet<>), typeof(Queue<>)];

    // .NET types whose fields are known to be everything.
    private static readonly Type[] s_plain =
    [
        typeof(KeyValuePair<,>), typeof(ValueTuple), typeof(ValueTuple<>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>), typeof(ValueTuple<,,,,>),
        typeof(ValueTuple<,,,,,>), typeof(ValueTuple<,,,,,,>), typeof(ValueTuple<,,,,,,,>),
    ];

    // Separate options for each file, because they cache types for as long as they live.
    private readonly JsonSerializerOptions _options = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        TypeInfoResolver = new Fields(),
    };

    /// <summary>Writes a value on one line.</summary>
    /// <exception cref="NotSupportedException">It cannot be written.</exception>
    internal string Write<T>(T value)
    {
        try
        {
            return JsonSerializer.Serialize(value, _options);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new NotSupportedException($"An entry of the table cannot be written to a file: {exception.Message}", exception);
        }
    }

    /// <summary>Checks whether a value can be restored exactly.</summary>
    /// <exception cref="NotSupportedException">It cannot; the message says which part.</exception>
    internal void Check<T>(T value, string name) => Look(value, typeof(T), name, Deepest);

    /// <summary>Reads what was written.</summary>
    /// <exception cref="JsonException">The text was not written by this.</exception>
    internal T? Read<T>(string text) => JsonSerializer.Deserialize<T>(text, _options);

    private void Look(object? value, Type place, string path, int depth)
    {
        if (value is null)
        {
            return;
        }

        if (depth == 0)
        {
            throw Lost(path, $"is {Deepest} levels deep, or contains itself. Keep it flatter");
        }

        var type = value.GetType();

        if (type != (Nullable.GetUnderlyingType(place) ?? place))
        {
            throw Lost(path, $"is a {type}, but would be read back as a {place}. Declare its member with its own type");
        }

        if ((value is string text && !IsUnicode(text)) || (value is char letter && char.IsSurrogate(letter)))
        {
            throw Lost(path, "contains half a surrogate pair, which no file can hold. Keep bytes instead");
        }

        switch (JsonTypeInfo.CreateJsonTypeInfo(type, _options).Kind)
        {
            case JsonTypeInfoKind.None when type == typeof(object):
                throw Lost(path, "is a plain object with no content. Declare its member with a type");
            case JsonTypeInfoKind.Enumerable:
                CheckCollection(value, type, path, s_collections);

                foreach (var element in (IEnumerable)value)
                {
                    Look(element, type.GetElementType() ?? type.GetGenericArguments()[0], path + "[]", depth - 1);
                }

                break;
            case JsonTypeInfoKind.Dictionary:
                CheckCollection(value, type, path, [typeof(Dictionary<,>)]);

                foreach (DictionaryEntry entry in (IDictionary)value)
                {
                    Look(entry.Key, type.GetGenericArguments()[0], path + "[]", depth - 1);
                    Look(entry.Value, type.GetGenericArguments()[1], path + "[]", depth - 1);
                }

                break;
            case JsonTypeInfoKind.Object:
                CheckObject(type, path);

                foreach (var part in _options.GetTypeInfo(type).Properties)
                {
                    Look(part.Get!(value), part.PropertyType, $"{path}.{part.Name}", depth - 1);
                }

                break;
        }
    }

    private static void CheckCollection(object value, Type type, string path, Type[] allowed)
    {
        if (!type.IsSZArray && !(type.IsGenericType && allowed.Contains(type.GetGenericTypeDefinition())))
        {
            throw Lost(path, $"is a {type}, a collection that JSON cannot restore. Use an array, a List or a Dictionary");
        }

        // If it has a custom comparer.
        if (type.GetProperty("Comparer")?.GetValue(value) is { } comparer
            && !comparer.Equals(typeof(EqualityComparer<>).MakeGenericType(type.GetGenericArguments()[0]).GetProperty("Default")!.GetValue(null)))
        {
            throw Lost(path, "has a custom comparer. Keep its elements in a list");
        }
    }

    // Only their own code knows what the fields of other types mean: a handle, a cache, a list of waiters.
    private static void CheckObject(Type type, string path)
    {
        var plain = type.IsGenericType ? type.GetGenericTypeDefinition() : type;

        if (!s_plain.Contains(plain) && (type.Assembly == typeof(TableJson).Assembly || type.Assembly.GetName().Name is "System" or "netstandard" or "mscorlib"
            || type.Assembly.GetName().Name!.StartsWith("System.", StringComparison.Ordinal) || type.Assembly.GetName().Name!.StartsWith("Microsoft.", StringComparison.Ordinal)))
        {
            throw Lost(path, $"is a {type}, which is more than its fields. Keep the values that it was made from");
        }
    }

    private static bool IsUnicode(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(char.IsSurrogatePair(text, i) && ++i > 0))
            {
                return false;
            }
        }

        return true;
    }

    private static NotSupportedException Lost(string path, string why) =>
        new($"An entry of the table cannot be written to a file as it is: {path} {why}.");

    private sealed class Fields : IJsonTypeInfoResolver
    {
        public JsonTypeInfo GetTypeInfo(Type type, JsonSerializerOptions options)
        {
            var found = JsonTypeInfo.CreateJsonTypeInfo(type, options);

            if (found.Kind == JsonTypeInfoKind.Object)
            {
                found.CreateObject = () => RuntimeHelpers.GetUninitializedObject(type);

                foreach (var field in Of(type))
                {
                    var part = found.CreateJsonPropertyInfo(field.FieldType, NameOf(field, found.Properties));
                    (part.Get, part.Set, part.IsRequired) = (field.GetValue, field.SetValue, true);
                    found.Properties.Add(part);
                }
            }
            else if (found.Kind != JsonTypeInfoKind.None && !type.IsArray && !type.IsAbstract && type.GetConstructor([]) is not null)
            {
                found.CreateObject = () => Activator.CreateInstance(type)!;
            }

            return found;
        }

        private static IEnumerable<FieldInfo> Of(Type type) => type.BaseType is { } parent
            ? Of(parent).Concat(type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            : [];

        // The property's name, if the field backs one; with its type, if a base type has a property with that name as well.
        private static string NameOf(FieldInfo field, IList<JsonPropertyInfo> others)
        {
            var name = field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : field.Name;
            return others.Any(other => other.Name == name) ? $"{field.DeclaringType!.FullName}.{name}" : name;
        }
    }
}
