using System.Globalization;
using System.Reflection;
using System.Text;

namespace Midflight.Host;

/// <summary>A step on the way to a value: a member, an index, or a key of a dictionary.</summary>
/// <param name="Member">The member; null for an index or a key.</param>
/// <param name="Index">The index.</param>
/// <param name="Subject">The key; or, of a member that can be set later, the new object that has it.</param>
/// <param name="Field">The field of a member that can be set later.</param>
internal readonly record struct PathPart(string? Member, int Index, object? Subject, FieldInfo? Field)
{
    // What is longer says no more.
    private const int Longest = 60;
    private const int Most = 24;

    public static string Text(object root, ReadOnlySpan<PathPart> parts)
    {
        var text = new StringBuilder(LoadedTypes.Say(Absent.TypeOf(root)));

        for (var i = 0; i < parts.Length; i++)
        {
            if (parts.Length > Most && i == Most / 2)
            {
                text.Append('…');
                i = parts.Length - (Most / 2);
            }

            parts[i].Add(text);
        }

        return text.ToString();
    }

    private void Add(StringBuilder text) =>
        _ = Member is not null ? text.Append('.').Append(Member)
            : Subject is not null ? text.Append('[').Append(Key(Subject)).Append(']')
            : text.Append('[').Append(Index).Append(']');

    // No code of the application runs for it: what is hot is told by its fields.
    private static string Key(object key) => key switch
    {
        string text => $"\"{(text.Length > Longest ? text[..Longest] + "…" : text)}\"",
        IFormattable simple when !LoadedTypes.IsHot(key.GetType()) && (key.GetType().IsPrimitive || key is Guid or DateTime or DateTimeOffset or DateOnly or TimeSpan or decimal) =>
            simple.ToString(null, CultureInfo.InvariantCulture),
        bool or Enum => key.ToString()!,
        _ => $"{LoadedTypes.Say(key.GetType())}({string.Join(", ", Closed.Fields(key.GetType()).Take(3).Select(field => Simple(field.GetValue(key))))})",
    };

    private static string Simple(object? value) => value is null ? "null" : value is string || value.GetType().IsPrimitive ? Key(value) : "…";
}
