using System.Collections;
using System.Globalization;
using System.Reflection;
using Midflight.Host.Control.Requests;

namespace Midflight.Host.Observation;

/// <summary>Makes a value something to look at: its fields, and theirs. No code of an application is called for it.</summary>
/// <remarks>As much as fits on a page. What is left out is said in its place; of what is marked <see cref="SecretAttribute"/> only that it is there.</remarks>
internal sealed class ShownValues
{
    private const int Deepest = 8;
    private const int MostMembers = 50;
    private const int Most = 600;
    private const int Longest = 300;
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly WireMasks s_masks = new([]);
    private static readonly object s_secret = new();

    private readonly HashSet<object> _above = new(ReferenceEqualityComparer.Instance);
    private int _shown;

    /// <summary>Owner of what the value is in only. Never throws.</summary>
    internal static ShownValue Of(object? value) => new ShownValues().Show("", value, 0);

    private ShownValue Show(string name, object? value, int depth)
    {
        _shown++;

        if (value == s_secret || value?.GetType().IsDefined(typeof(SecretAttribute), inherit: true) is true)
        {
            return new(name, "", "***", []);
        }

        var type = value is null ? "" : Name(value.GetType());

        if (Text(value) is { } text)
        {
            return new(name, type, text.Length <= Longest ? text : text[..Longest] + "…", []);
        }

        if (depth >= Deepest || _shown >= Most)
        {
            return new(name, type, "…", []);
        }

        if (!_above.Add(value!))
        {
            return new(name, type, "(the one that it is in)", []);
        }

        var members = new List<ShownValue>();
        var left = 0;

        foreach (var (member, content) in Members(value!))
        {
            if (members.Count >= MostMembers || _shown >= Most)
            {
                left++;

                if (left > MostMembers)
                {
                    break;
                }
            }
            else
            {
                members.Add(Show(member, content, depth + 1));
            }
        }

        _above.Remove(value!);

        if (left > 0)
        {
            members.Add(new("", "", left > MostMembers ? "and more" : $"and {left} more", []));
        }

        return new(name, type, value is ICollection { Count: var count } && IsOfDotNet(value.GetType()) ? $"{count} of them" : "", [.. members]);
    }

    // What is shown in a line; null for what has members. .NET's own ToString only.
    private static string? Text(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        char or bool => value.ToString(),
        Enum => EnumText((Enum)value),
        Pid or Type or Delegate or Assembly or MemberInfo when value is not Delegate => value.ToString(),
        Delegate code => $"{code.Method.DeclaringType?.FullName}.{code.Method.Name}",
        Cell or Node or Thread or Task or CancellationToken or CodeVersion => Name(value.GetType()),
        IFormattable formattable when IsOfDotNet(value.GetType()) => formattable.ToString(null, CultureInfo.InvariantCulture),
        Uri or Version or System.Text.Encoding or CultureInfo or System.Net.EndPoint when IsOfDotNet(value.GetType()) => value.ToString(),
        _ when value.GetType().IsPointer => "a pointer",
        _ => null,
    };

    private static string EnumText(Enum value) => value.ToString();

    private static IEnumerable<(string Name, object? Value)> Members(object value)
    {
        var type = value.GetType();

        if (IsOfDotNet(type) && value is IDictionary dictionary)
        {
            foreach (DictionaryEntry entry in dictionary)
            {
                yield return (Text(entry.Key) ?? Name(entry.Key.GetType()), entry.Value);
            }
        }
        else if (value is Array || (IsOfDotNet(type) && type.Namespace!.StartsWith("System.Collections", StringComparison.Ordinal) && value is IEnumerable))
        {
            var at = 0;

            foreach (var item in (IEnumerable)value)
            {
                yield return ($"[{at++}]", item);
            }
        }
        else
        {
            for (var of = type; of is not null && of != typeof(object) && of != typeof(ValueType); of = of.BaseType)
            {
                foreach (var field in of.GetFields(Own).Where(field => !field.FieldType.IsPointer && !field.FieldType.IsByRefLike))
                {
                    yield return (field.Name is ['<', .. var rest] && rest.IndexOf('>', StringComparison.Ordinal) is > 0 and var end ? rest[..end] : field.Name, s_masks.Hides(field) ? s_secret : field.GetValue(value));
                }
            }
        }
    }

    private static bool IsOfDotNet(Type type) => type.Assembly == typeof(object).Assembly || type.Assembly.GetName().Name!.StartsWith("System.", StringComparison.Ordinal);

    private static string Name(Type type) => !type.IsGenericType ? type.Name
        : $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
}
