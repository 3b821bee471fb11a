using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Midflight.Releases;

/// <summary>Writes appups and relups in OTP's own notation, for who reads that more easily.</summary>
public static class OtpText
{
    /// <summary>Writes an appup as the <c>.appup</c> of OTP.</summary>
    /// <param name="appup">The appup.</param>
    public static string Write(Appup appup)
    {
        ArgumentNullException.ThrowIfNull(appup);
        return $"{{{Quote(appup.Version)},\n [{Entries(appup.Up)}],\n [{Entries(appup.Down)}]}}.\n";
    }

    /// <summary>Writes a relup as the <c>relup</c> of OTP.</summary>
    /// <param name="relup">The relup.</param>
    public static string Write(Relup relup)
    {
        ArgumentNullException.ThrowIfNull(relup);
        return $"{{{Quote(relup.Version)},\n [{Scripts(relup.Up)}],\n [{Scripts(relup.Down)}]}}.\n";
    }

    /// <summary>Writes a value as a term: text as a binary, an object as a map.</summary>
    internal static string Term(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => $"<<{Quote(value.GetString()!)}/utf8>>",
        JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(Term))}]",
        JsonValueKind.Object =>
            $"#{{{string.Join(',', value.EnumerateObject().Select(member => $"<<{Quote(member.Name)}/utf8>> => {Term(member.Value)}"))}}}",
        JsonValueKind.Number => Number(value.GetRawText()),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };

    /// <summary>Writes a name as an atom, in quotes where it needs them.</summary>
    internal static string Atom(string name)
    {
        var bare = name.Length > 0 && char.IsAsciiLetterLower(name[0])
            && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '@');
        return bare ? name : Quote(name, '\'');
    }

    internal static string Atoms(ImmutableArray<string> names) => $"[{string.Join(',', names.Select(Atom))}]";

    internal static string Quote(string text, char mark = '"')
    {
        var quoted = new StringBuilder().Append(mark);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == mark || rune.Value == '\\')
            {
                quoted.Append('\\').Append(rune);
            }
            else if (Rune.IsControl(rune))
            {
                quoted.Append(CultureInfo.InvariantCulture, $"\\x{{{rune.Value:x}}}");
            }
            else
            {
                quoted.Append(rune);
            }
        }

        return quoted.Append(mark).ToString();
    }

    // A float of Erlang has a point and digits on both sides of it.
    private static string Number(string number)
    {
        var exponent = number.IndexOfAny(['e', 'E']);
        return exponent < 0 || number.Contains('.') ? number : $"{number[..exponent]}.0{number[exponent..]}";
    }

    private static string Entries(ImmutableArray<AppupEntry> entries) => string.Join(
        ",\n  ", entries.Select(entry => $"{{{Version(entry.From)},{List(entry.Instructions)}}}"));

    private static string Scripts(ImmutableArray<RelupScript> scripts) => string.Join(
        ",\n  ", scripts.Select(script =>
            $"{{{Quote(script.Version)},{Quote(script.Description)},{List([.. script.Instructions])}}}"));

    private static string List(ImmutableArray<Instruction> instructions) => instructions.IsEmpty
        ? "[]"
        : $"\n   [{string.Join(",\n    ", instructions.Select(OtpInstruction.Of))}]";

    private static string Version(AppupVersion version) => version switch
    {
        AppupVersion.Exact(var exact) => Quote(exact),
        AppupVersion.Pattern(var expression) => $"<<{Quote(expression)}/utf8>>",
        _ => throw new ArgumentException($"An entry that could not be read cannot be written: {version}"),
    };
}
