using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Midflight;

/// <summary>JSON as the file of a table has it. What would not come back as it was is refused when it is written, and not lost.</summary>
/// <remarks>
/// Each value is looked at by what it is: it comes back whole where it is of the very type of its place, where each field of it is one that JSON writes and
/// sets again, and where its collections keep nothing besides their elements.
/// </remarks>
internal sealed class TableJson
{
    private static readonly Type[] s_collections = [typeof(List<>), typeof(HashSet<>), typeof(Queue<>), typeof(LinkedList<>), typeof(ImmutableArray<>), typeof(ImmutableList<>)];

    // For each file its own, as both remember types for as long as they live, and hot types must not be remembered.
    private readonly JsonSerializerOptions _options = new() { IncludeFields = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };
    private readonly Dictionary<Type, JsonPropertyInfo[]> _parts = [];

    /// <summary>Writes a value on one line.</summary>
    /// <exception cref="NotSupportedException">It would not come back as it is; the message says what of it.</exception>
    internal string Write<T>(T value)
    {
        // First: it refuses what has no end.
        string text;

        try
        {
            text = JsonSerializer.Serialize(value, _options);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new NotSupportedException($"An entry of the table cannot be written to a file: {exception.Message}", exception);
        }

        Look(value, typeof(T), "");
        return text;
    }

    /// <summary>Reads what was written.</summary>
    /// <exception cref="JsonException">It is none of these.</exception>
    internal T? Read<T>(string text) => JsonSerializer.Deserialize<T>(text, _options);

    private void Look(object? value, Type place, string path)
    {
        if (value is null)
        {
            return;
        }

        var type = value.GetType();

        if (type != (Nullable.GetUnderlyingType(place) ?? place))
        {
            throw Lost(path, $"is of type {type}, and would come back as a {place}. Give its place that type");
        }

        if ((value is string text && !IsUnicode(text)) || (value is char letter && char.IsSurrogate(letter)))
        {
            throw Lost(path, "has half a character, which no file can hold. Keep bytes instead");
        }

        switch (_options.GetTypeInfo(type).Kind)
        {
            case JsonTypeInfoKind.None when type == typeof(object):
                throw Lost(path, "is an object with nothing in it. Give its place a type");
            case JsonTypeInfoKind.Enumerable:
                CheckCollection(value, type, path, s_collections);

                foreach (var element in (IEnumerable)value)
                {
                    Look(element, type.GetElementType() ?? type.GetGenericArguments()[0], path + "[]");
                }

                break;
            case JsonTypeInfoKind.Dictionary:
                CheckCollection(value, type, path, [typeof(Dictionary<,>)]);

                foreach (DictionaryEntry entry in (IDictionary)value)
                {
                    Look(entry.Key, type.GetGenericArguments()[0], path + "[]");
                    Look(entry.Value, type.GetGenericArguments()[1], path + "[]");
                }

                break;
            case JsonTypeInfoKind.Object:
                foreach (var part in PartsOf(type, path))
                {
                    Look(part.Get!(value), part.PropertyType, $"{path}.{part.Name}");
                }

                break;
        }
    }

    private static void CheckCollection(object value, Type type, string path, Type[] allowed)
    {
        if (!type.IsSZArray && !(type.IsGenericType && allowed.Contains(type.GetGenericTypeDefinition())))
        {
            throw Lost(path, $"is a {type}, a collection that JSON does not keep as it is. Use an array, a List or a Dictionary");
        }

        // Where it compares in a way of its own.
        if (type.GetProperty("Comparer")?.GetValue(value) is { } comparer
            && !comparer.Equals(typeof(EqualityComparer<>).MakeGenericType(type.GetGenericArguments()[0]).GetProperty("Default")!.GetValue(null)))
        {
            throw Lost(path, "has a comparer of its own. Keep its elements in a list");
        }
    }

    // What JSON writes and sets of a type, which is each of its fields.
    private JsonPropertyInfo[] PartsOf(Type type, string path)
    {
        if (_parts.TryGetValue(type, out var known))
        {
            return known;
        }

        var written = _options.GetTypeInfo(type).Properties.Where(part => part is { Get: not null, ShouldSerialize: null } && (part.Set is not null || part.AssociatedParameter is not null));
        var parts = Fields(type).Select(field => written.FirstOrDefault(part => part.AttributeProvider is MemberInfo member && IsOf(field, member))
            ?? throw Lost(path, $"has the field {field.Name} of {field.DeclaringType}, which JSON leaves out. Make it a public property that can be set, or a parameter of the constructor")).ToArray();
        return _parts[type] = parts;
    }

    private static IEnumerable<FieldInfo> Fields(Type type) => type.BaseType is { } parent
        ? Fields(parent).Concat(type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
        : [];

    // A property is known for that of its field which the compiler has made for it.
    private static bool IsOf(FieldInfo field, MemberInfo member) =>
        member.DeclaringType == field.DeclaringType && (member.Name == field.Name || field.Name == $"<{member.Name}>k__BackingField");

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
        new($"An entry of the table cannot be written to a file as it is: {(path.Length == 0 ? "it" : path.TrimStart('.'))} {why}.");
}
