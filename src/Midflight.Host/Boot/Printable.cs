using System.Globalization;
using System.Text;

namespace Midflight.Host;

/// <summary>Makes foreign text safe to show: characters that would move a cursor, colour a terminal or start another line are escaped.</summary>
internal static class Printable
{
    /// <summary>Text of several lines: line feeds and tabs stay.</summary>
    internal static string Text(string text) => Escape(text, keepsLines: true);

    /// <summary>Text that has to stay on one line.</summary>
    internal static string Line(string text) => Escape(text, keepsLines: false);

    private static string Escape(string text, bool keepsLines)
    {
        var first = 0;

        while (first < text.Length && IsPlain(text[first], keepsLines))
        {
            first++;
        }

        if (first == text.Length)
        {
            return text;
        }

        var escaped = new StringBuilder(text, 0, first, text.Length + 16);

        foreach (var letter in text.AsSpan(first))
        {
            if (IsPlain(letter, keepsLines))
            {
                escaped.Append(letter);
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:X4}");
            }
        }

        return escaped.ToString();
    }

    // The control characters of ASCII and Latin 1, and those that change the direction of the text around them.
    private static bool IsPlain(char letter, bool keepsLines) => letter switch
    {
        '\n' or '\t' => keepsLines,
        < ' ' or (>= '\u007F' and <= '\u009F') => false,
        (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u2028' or '\u2029' => false,
        _ => true,
    };
}
