using System.Reflection;

namespace Midflight.Host;

/// <summary>How messages speak of what is loaded.</summary>
internal static class Wording
{
    /// <summary>A member as a person says it: of the property, for the field behind one.</summary>
    public static string Member(FieldInfo field) =>
        field.Name.StartsWith('<') && field.Name.IndexOf('>', StringComparison.Ordinal) is > 1 and var end ? field.Name[1..end] : field.Name;

    /// <summary><c>a Lazy</c>, <c>an Item</c>.</summary>
    public static string One(Type type) => LoadedTypes.Say(type) is [var first, ..] name && "AEIOUaeiou".Contains(first, StringComparison.Ordinal) ? $"an {name}" : $"a {LoadedTypes.Say(type)}";
}
