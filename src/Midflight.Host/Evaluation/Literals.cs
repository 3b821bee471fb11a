using System.Globalization;
using System.Text;

namespace Midflight.Host.Evaluation;

/// <summary>Writes simple values as C# literals.</summary>
internal static class Literals
{
    // Longer text belongs in a file, not at a prompt.
    private const int LongestText = 1_000;

    /// <summary>The value as a C# literal; null if it is not a simple value.</summary>
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

    // Without a decimal point, a double would look like an int.
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
