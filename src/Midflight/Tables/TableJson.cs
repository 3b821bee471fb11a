using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Midflight;

/// <summary>JSON as the file of a table has it: the fields of each value, as they are. What would not come back as it was is refused when it is written, and not lost.</summary>
/// <remarks>
/// Each value is looked at by what it is: it comes back whole where it is of the very type of its place, and where its collections keep nothing besides their
/// elements. Fields are read and set one by one, and no constructor runs, as when an upgrade converts a value. That JSON of .NET's own finds out how to
/// read a type it remembers for good, which would keep old code in memory.
/// </remarks>
internal sealed class TableJson
{
    // As deep as JSON of .NET goes, but for the line itself.
    private const int Deepest = 62;

    private static readonly Type[] s_collections = [typeof(List<>), typeof(HashSet<>), typeof(Queue<>)];

    // Of .NET, and of these it is known that their fields are all there is.
    private static readonly Type[] s_plain =
    [
        typeof(KeyValuePair<,>), typeof(ValueTuple), typeof(ValueTuple<>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>), typeof(ValueTuple<,,,,>),
        typeof(ValueTuple<,,,,,>), typeof(ValueTuple<,,,,,,>), typeof(ValueTuple<,,,,,,,>),
    ];

    // For each file its own, as they remember types for as long as they live.
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

    /// <summary>Looks whether a value comes back as it is.</summary>
    /// <exception cref="NotSupportedException">It does not; the message says what of it.</exception>
    internal void Check<T>(T value, string name) => Look(value, typeof(T), name, Deepest);

    /// <summary>Reads what was written.</summary>
    /// <exception cref="JsonException">It is none of these.</exception>
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

        // Where it compares in a way of its own.
        if (type.GetProperty("Comparer")?.GetValue(value) is { } comparer
            && !comparer.Equals(typeof(EqualityComparer<>).MakeGenericType(type.GetGenericArguments()[0]).GetProperty("Default")!.GetValue(null)))
        {
            throw Lost(path, "has a custom comparer. Keep its elements in a list");
        }
    }

    // The fields of others mean what only their own code knows: a handle, a cache, who waits.
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

        // That of the property where it is one's; with its type where a parent has one of that name as well.
        private static string NameOf(FieldInfo field, IList<JsonPropertyInfo> others)
        {
            var name = field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : field.Name;
            return others.Any(other => other.Name == name) ? $"{field.DeclaringType!.FullName}.{name}" : name;
        }
    }
}
