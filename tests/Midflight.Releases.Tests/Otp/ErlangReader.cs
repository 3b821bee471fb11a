using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Midflight.Releases.Tests.Otp;

/// <summary>Reads terms of Erlang as they stand in files, each ended by a full stop.</summary>
internal sealed class ErlangReader
{
    private readonly string _text;
    private int _at;

    private ErlangReader(string text) => _text = text;

    /// <summary>All terms of a file.</summary>
    /// <exception cref="FormatException">What stands there is no term.</exception>
    public static List<ErlangTerm> ReadAll(ReadOnlySpan<byte> file)
    {
        var reader = new ErlangReader(Encoding.UTF8.GetString(file));
        List<ErlangTerm> terms = [];
        while (reader.ReadNext() is { } term)
        {
            terms.Add(term);
        }

        return terms;
    }

    /// <summary>The first term of a file, or null if there is none. What follows it is not looked at.</summary>
    /// <exception cref="FormatException">What stands there is no term.</exception>
    public static ErlangTerm? ReadFirst(ReadOnlySpan<byte> file) => new ErlangReader(Encoding.UTF8.GetString(file)).ReadNext();

    /// <summary>A term without its full stop.</summary>
    public static ErlangTerm Parse(string text) => ReadFirst(Encoding.UTF8.GetBytes(text + "."))!;

    private ErlangTerm? ReadNext()
    {
        Skip();
        if (_at == _text.Length)
        {
            return null;
        }

        var term = ReadTerm();
        Expect('.');
        return term;
    }

    private ErlangTerm ReadTerm()
    {
        Skip();
        return Peek() switch
        {
            '{' => new ErlangTerm.Tuple(ReadSequence('{', '}')),
            '[' => new ErlangTerm.List(ReadSequence('[', ']')),
            '"' => ReadString(),
            '#' => ReadMap(),
            '\'' => new ErlangTerm.Atom(ReadQuoted('\'')),
            '<' => ReadBinary(),
            '$' => ReadCharacter(),
            '-' or '+' or (>= '0' and <= '9') => ReadNumber(),
            >= 'a' and <= 'z' => new ErlangTerm.Atom(ReadWord()),
            var other => throw new FormatException($"'{other}' at {_at} starts no term."),
        };
    }

    private ImmutableArray<ErlangTerm> ReadSequence(char open, char close)
    {
        Expect(open);
        Skip();
        var terms = ImmutableArray.CreateBuilder<ErlangTerm>();
        if (Peek() == close)
        {
            _at++;
            return [];
        }

        while (true)
        {
            terms.Add(ReadTerm());
            Skip();
            if (Peek() == close)
            {
                _at++;
                return terms.ToImmutable();
            }

            Expect(',');
        }
    }

    private ErlangTerm.Map ReadMap()
    {
        Expect('#');
        Expect('{');
        var members = ImmutableArray.CreateBuilder<(ErlangTerm, ErlangTerm)>();
        Skip();
        while (Peek() != '}')
        {
            var key = ReadTerm();
            Expect('=');
            Expect('>');
            members.Add((key, ReadTerm()));
            Skip();
            if (Peek() != '}')
            {
                Expect(',');
                Skip();
            }
        }

        _at++;
        return new ErlangTerm.Map(members.ToImmutable());
    }

    private ErlangTerm.List ReadString()
    {
        var text = new StringBuilder();
        while (Peek() == '"')
        {
            text.Append(ReadQuoted('"'));
            Skip();
        }

        return new ErlangTerm.List([.. text.ToString().EnumerateRunes().Select(rune => new ErlangTerm.Whole(rune.Value))]);
    }

    private string ReadQuoted(char quote)
    {
        Expect(quote);
        var text = new StringBuilder();
        while (Peek() != quote)
        {
            text.Append(Peek() == '\\' ? ReadEscape() : _text[_at++].ToString());
        }

        _at++;
        return text.ToString();
    }

    private string ReadEscape()
    {
        _at++;
        var letter = Next();
        switch (letter)
        {
            case 'x' when Peek() == '{':
                var end = _text.IndexOf('}', _at);
                var code = int.Parse(_text.AsSpan(_at + 1, end - _at - 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                _at = end + 1;
                return new Rune(code).ToString();
            case 'x':
                _at += 2;
                return ((char)Convert.ToInt32(_text[(_at - 2).._at], 16)).ToString();
            case >= '0' and <= '7':
                var start = _at - 1;
                while (_at < start + 3 && Peek() is >= '0' and <= '7')
                {
                    _at++;
                }

                return ((char)Convert.ToInt32(_text[start.._at], 8)).ToString();
            default:
                return letter switch
                {
                    'n' => "\n",
                    'r' => "\r",
                    't' => "\t",
                    'v' => "\v",
                    'b' => "\b",
                    'f' => "\f",
                    'e' => "\e",
                    's' => " ",
                    'd' => "\x7f",
                    _ => letter.ToString(),
                };
        }
    }

    private ErlangTerm.Binary ReadBinary()
    {
        Expect('<');
        Expect('<');
        var bytes = ImmutableArray.CreateBuilder<byte>();
        Skip();
        while (Peek() != '>')
        {
            if (Peek() == '"')
            {
                // Without /utf8 each character is one byte.
                var text = ReadQuoted('"');
                var utf8 = _text.AsSpan(_at).StartsWith("/utf8");
                bytes.AddRange(utf8 ? Encoding.UTF8.GetBytes(text) : [.. text.Select(unit => (byte)unit)]);
                _at += utf8 ? 5 : 0;
            }
            else
            {
                bytes.Add((byte)(((ErlangTerm.Whole)ReadNumber()).Value & 255));
            }

            Skip();
            if (Peek() != '>')
            {
                Expect(',');
                Skip();
            }
        }

        Expect('>');
        Expect('>');
        return new ErlangTerm.Binary(bytes.ToImmutable());
    }

    private ErlangTerm.Whole ReadCharacter()
    {
        _at++;
        var text = Peek() == '\\' ? ReadEscape() : Rune.GetRuneAt(_text, _at).ToString();
        _at += _text[_at - 1] == '$' ? text.Length : 0;
        return new ErlangTerm.Whole(Rune.GetRuneAt(text, 0).Value);
    }

    private ErlangTerm ReadNumber()
    {
        var sign = Peek() == '-' ? -1 : 1;
        _at += Peek() is '-' or '+' ? 1 : 0;
        var start = _at;
        SkipDigits();
        if (start == _at)
        {
            throw new FormatException($"No number at {_at}.");
        }

        if (_at < _text.Length && _text[_at] == '#')
        {
            var radix = int.Parse(_text.AsSpan(start, _at - start), CultureInfo.InvariantCulture);
            start = ++_at;
            BigInteger value = 0;
            while (_at < _text.Length && char.IsAsciiHexDigit(_text[_at]))
            {
                value = (value * radix) + Convert.ToInt32(_text[_at++].ToString(), 16);
            }

            return new ErlangTerm.Whole(sign * value);
        }

        if (_at + 1 < _text.Length && _text[_at] == '.' && char.IsAsciiDigit(_text[_at + 1]))
        {
            _at++;
            SkipDigits();
            if (_at < _text.Length && _text[_at] is 'e' or 'E')
            {
                _at += _text[_at + 1] is '-' or '+' ? 2 : 1;
                SkipDigits();
            }

            return new ErlangTerm.Real(sign * double.Parse(_text.AsSpan(start, _at - start), CultureInfo.InvariantCulture));
        }

        return new ErlangTerm.Whole(sign * BigInteger.Parse(_text.AsSpan(start, _at - start), CultureInfo.InvariantCulture));
    }

    private string ReadWord()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] is '_' or '@'))
        {
            _at++;
        }

        return _text[start.._at];
    }

    private void SkipDigits()
    {
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
        {
            _at++;
        }
    }

    private void Skip()
    {
        while (_at < _text.Length && (char.IsWhiteSpace(_text[_at]) || _text[_at] == '%'))
        {
            _at = _text[_at] != '%' ? _at + 1 : _text.IndexOf('\n', _at) is >= 0 and var end ? end : _text.Length;
        }
    }

    private void Expect(char expected)
    {
        Skip();
        if (Peek() != expected)
        {
            throw new FormatException($"'{Peek()}' at {_at}, expected '{expected}'.");
        }

        _at++;
    }

    private char Peek() => _at < _text.Length ? _text[_at] : throw new FormatException("The file ends inside a term.");

    private char Next()
    {
        var next = Peek();
        _at++;
        return next;
    }
}
