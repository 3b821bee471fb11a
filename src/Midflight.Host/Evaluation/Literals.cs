using System.Globalization;
using System.Text;

namespace Midflight.Host.Evaluation;

/// <summary>Simple values as C# would write them.</summary>
internal static class Literals
{
    // What is longer is a text for a file, not for a prompt.
    private const int LongestText = 1_000;

    /// <summary>The value as C# would write it; null where it is not simple.</summary>
    internal static string? Of(object value) => value switch
    {
        string text => Quote(text),
        char character => $"'{Escape(character, '\'')}'",
        bool truth => truth ? "true" : "false",
        double number => Dotted(number.ToString("R", CultureInfo.InvariantCulture)),
        float number => Dotted(number.ToString("R", CultureInfo.InvariantCulture)),
        decimal number => number.ToString(CultureInfo.InvariantCulture),
        Enum one => Name(one),
        Type type => $"typeof({TypeNames.Of(type)})",
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF zzz", CultureInfo.InvariantCulture),
        IFormattable formattable when value.GetType() is { IsPrimitive: true } => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");

        foreach (var character in text.AsSpan(0, Math.Min(text.Length, LongestText)))
        {
            quoted.Append(Escape(character, '"'));
        }

        return quoted.Append(text.Length > LongestText ? "…\"" : "\"").ToString();
    }

    private static string Escape(char character, char quote) => character switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\0' => "\\0",
        '\\' => "\\\\",
        _ when character == quote => "\\" + character,
        _ when char.IsControl(character) => $"\\u{(int)character:x4}",
        _ => character.ToString(),
    };

    // A double without a point would read as an int.
    private static string Dotted(string number) => number.All(character => char.IsDigit(character) || character == '-') ? number + ".0" : number;

    private static string Name(Enum value)
    {
        var type = TypeNames.Of(value.GetType());
        var text = value.ToString();
        return char.IsDigit(text[0]) || text[0] == '-'
            ? $"({type}){text}"
            : string.Join(" | ", text.Split(", ").Select(name => $"{type}.{name}"));
    }
}
