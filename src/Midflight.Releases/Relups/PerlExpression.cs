using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Midflight.Releases;

/// <summary>Rewrites what regular expressions of Perl, which appups are written in, say otherwise than those of .NET.</summary>
internal static partial class PerlExpression
{
    /// <summary>The group that <c>\K</c> becomes: where it matched, the match is said to begin.</summary>
    public const string Kept = "__K";

    private static readonly Dictionary<string, string> Named = new()
    {
        ["alnum"] = "a-zA-Z0-9",
        ["alpha"] = "a-zA-Z",
        ["ascii"] = @"\x00-\x7F",
        ["blank"] = @" \t",
        ["cntrl"] = @"\x00-\x1F\x7F",
        ["digit"] = "0-9",
        ["graph"] = @"\x21-\x7E",
        ["lower"] = "a-z",
        ["print"] = @"\x20-\x7E",
        ["punct"] = @"!-/:-@\[-`{-~",
        ["space"] = @" \t\n\v\f\r",
        ["upper"] = "A-Z",
        ["word"] = "a-zA-Z0-9_",
        ["xdigit"] = "0-9A-Fa-f",
    };

    public static string ToDotNet(string expression)
    {
        var written = new StringBuilder(expression.Length);
        var atom = 0;
        var groups = new Stack<(int Start, bool IsLazy)>();
        var isLazy = false;
        for (var at = 0; at < expression.Length;)
        {
            var start = written.Length;
            switch (expression[at])
            {
                case '\\':
                    at += Escape(expression, at, written, inClass: false);
                    atom = start;
                    break;
                case '[':
                    at += Class(expression, at, written);
                    atom = start;
                    break;
                case '(' when expression.AsSpan(at).StartsWith("(?P=") && expression.IndexOf(')', at) is > 0 and var close:
                    written.Append(CultureInfo.InvariantCulture, $"\\k<{expression.AsSpan((at + 4)..close)}>");
                    at = close + 1;
                    atom = start;
                    break;
                case '(' when Flags().Match(expression, at) is { Success: true } flags && flags.Value.Contains('U', StringComparison.Ordinal):
                    if (flags.Value[^1] == ':')
                    {
                        groups.Push((start, isLazy));
                    }

                    isLazy = flags.Groups["on"].Value.Contains('U', StringComparison.Ordinal);
                    written.Append(flags.Value.Replace("U", "", StringComparison.Ordinal) switch { "(?)" or "(?-)" => "", "(?-:" => "(?:", var rest => rest });
                    at += flags.Length;
                    atom = start;
                    break;
                case '(' when expression.AsSpan(at).StartsWith("(?|") && !Backward().IsMatch(expression):
                    // Each branch counts its groups anew, which shows only where one is referred to.
                    groups.Push((start, isLazy));
                    written.Append("(?:");
                    at += 3;
                    break;
                case '(':
                    groups.Push((start, isLazy));
                    var named = expression.AsSpan(at).StartsWith("(?P<");
                    written.Append(named ? "(?<" : "(");
                    at += named ? 4 : 1;
                    break;
                case ')':
                    (atom, isLazy) = groups.TryPop(out var opened) ? opened : (start, isLazy);
                    written.Append(')');
                    at++;
                    break;
                case '+' when at > 0 && Quantifies(expression, at - 1):
                    // Possessive: what is matched is never given back, which .NET says with a group.
                    written.Insert(atom, "(?>").Append(')');
                    at++;
                    break;
                case '*' or '+' or '?' or '{' or '}':
                    written.Append(expression[at++]);

                    // With (?U) a question mark makes greedy what is lazy without.
                    if (isLazy && Quantifies(expression, at - 1))
                    {
                        if (at < expression.Length && expression[at] == '?')
                        {
                            at++;
                        }
                        else if (at == expression.Length || expression[at] != '+')
                        {
                            written.Append('?');
                        }
                    }

                    break;
                case var other when IsCount(expression, at):
                    written.Append(other);
                    at++;
                    break;
                case var other:
                    written.Append(other);
                    atom = start;
                    at++;
                    break;
            }
        }

        return written.ToString();
    }

    // A quantifier ends here: one sign that quantifies what stands before it, or the end of a count.
    private static bool Quantifies(string expression, int at) => expression[at] switch
    {
        '*' or '+' or '?' => at > 0 && expression[at - 1] is not ('(' or '|' or '*' or '+' or '?' or '}') && !IsEscaped(expression, at),
        '}' => !IsEscaped(expression, at) && expression.LastIndexOf('{', at) is > 0 and var open && IsCount(expression, open + 1),
        _ => false,
    };

    private static bool IsEscaped(string expression, int at)
    {
        var slashes = 0;
        while (at - slashes > 0 && expression[at - slashes - 1] == '\\')
        {
            slashes++;
        }

        return slashes % 2 == 1;
    }

    // Digits and commas between braces.
    private static bool IsCount(string expression, int at)
    {
        var open = at - 1;
        while (open >= 0 && (char.IsAsciiDigit(expression[open]) || expression[open] == ','))
        {
            open--;
        }

        var close = at;
        while (close < expression.Length && (char.IsAsciiDigit(expression[close]) || expression[close] == ','))
        {
            close++;
        }

        return open >= 0 && expression[open] == '{' && close > at && close < expression.Length && expression[close] == '}';
    }

    private static int Escape(string expression, int at, StringBuilder written, bool inClass)
    {
        var rest = expression.AsSpan(at + 1);
        if (rest.StartsWith("Q"))
        {
            var end = expression.IndexOf("\\E", at, StringComparison.Ordinal);
            var literal = end < 0 ? expression[(at + 2)..] : expression[(at + 2)..end];
            written.Append(inClass ? string.Concat(literal.Select(unit => $"\\u{(int)unit:X4}")) : Regex.Escape(literal));
            return literal.Length + (end < 0 ? 2 : 4);
        }

        if (rest.StartsWith("x{") && rest.IndexOf('}') is > 2 and var close
            && int.TryParse(rest[2..close], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code) && Rune.IsValid(code))
        {
            foreach (var unit in new Rune(code).ToString())
            {
                written.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}");
            }

            return close + 2;
        }

        var other = rest.IsEmpty ? null : rest[0] switch
        {
            'E' => "",
            _ when inClass => null,
            'K' => $"(?<{Kept}>)",
            'N' => @"[^\n]",
            'R' => @"(?>\r\n|[\n-\r\x85\u2028\u2029])",
            _ => null,
        };
        if (other is not null)
        {
            written.Append(other);
            return 2;
        }

        // Classes of Perl hold ASCII only.
        var ascii = rest.IsEmpty ? null : rest[0] switch
        {
            'd' => Named["digit"],
            'w' => Named["word"],
            's' => Named["space"],
            'h' => Named["blank"],
            'D' when !inClass => "^" + Named["digit"],
            'W' when !inClass => "^" + Named["word"],
            'S' when !inClass => "^" + Named["space"],
            'H' when !inClass => "^" + Named["blank"],
            'D' => AllBut("digit"),
            'W' => AllBut("word"),
            'S' => AllBut("space"),
            'H' => AllBut("blank"),
            _ => null,
        };
        if (ascii is not null)
        {
            written.Append(inClass ? ascii : $"[{ascii}]");
        }
        else
        {
            written.Append(expression.AsSpan(at, Math.Min(2, expression.Length - at)));
        }

        return 2;
    }

    private static int Class(string expression, int start, StringBuilder written)
    {
        var at = start + 1;
        written.Append('[');
        if (at < expression.Length && expression[at] == '^')
        {
            written.Append('^');
            at++;
        }

        var first = true;
        while (at < expression.Length && (first || expression[at] != ']'))
        {
            first = false;
            if (expression[at] == '\\')
            {
                at += Escape(expression, at, written, inClass: true);
            }
            else if (expression.AsSpan(at).StartsWith("[:") && expression.IndexOf(":]", at, StringComparison.Ordinal) is > 0 and var end
                && Named.ContainsKey(expression[(at + 2)..end].TrimStart('^')))
            {
                var name = expression[(at + 2)..end];
                written.Append(name[0] == '^' ? AllBut(name[1..]) : Named[name]);
                at = end + 2;
            }
            else
            {
                // In .NET an opening bracket behind a minus would take one class from another; the closing one may come first.
                written.Append(expression[at] is '[' or ']' ? "\\" : "").Append(expression[at]);
                at++;
            }
        }

        if (at < expression.Length)
        {
            written.Append(']');
            at++;
        }

        return at - start;
    }

    // What is not in a class, to stand within another: .NET writes no class into a class.
    private static string AllBut(string name)
    {
        var has = new Regex($"[{Named[name]}]", RegexOptions.CultureInvariant);
        return string.Concat(Enumerable.Range(0, 128).Where(unit => !has.IsMatch(((char)unit).ToString())).Select(unit => $"\\x{unit:X2}")) + @"\x80-\uFFFF";
    }

    // Switches of options, for the rest of a group or for a group of their own.
    [GeneratedRegex(@"\G\(\?(?<on>[a-zA-Z]*)(-[a-zA-Z]*)?[:)]")]
    private static partial Regex Flags();

    // A reference to a group.
    [GeneratedRegex(@"\\[1-9gk]|\(\?P[=>]|\(\?[0-9R&(]")]
    private static partial Regex Backward();
}
