using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Midflight.Releases;

/// <summary>A JSON text that is read into <see cref="JsonPart"/>s, so that every complaint has its line and column.</summary>
internal sealed class JsonText
{
    private const int Shown = 60;
    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];

    private JsonText(string file, ReadOnlyMemory<byte> bytes) => (File, Bytes) = (file, bytes);

    public string File { get; }

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Reads the one value that a file holds.</summary>
    /// <exception cref="FileRefusedException">The file does not hold one JSON value.</exception>
    public static JsonPart Read(string file, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Span.StartsWith(Mark))
        {
            bytes = bytes[Mark.Length..];
        }

        var text = new JsonText(file, bytes);
        if (IsBlank(bytes.Span))
        {
            throw new FileRefusedException(text.Error(bytes.Length, "an empty file", "one JSON object") with { Fault = FileFault.Empty });
        }

        if (!Utf8.IsValid(bytes.Span))
        {
            throw new FileRefusedException(
                text.Error(text.FirstInvalid(), "bytes that are not UTF-8", "JSON") with { Fault = FileFault.Syntax });
        }

        return text.Parse();
    }

    private static bool IsBlank(ReadOnlySpan<byte> text)
    {
        foreach (var character in text)
        {
            if (character is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                return false;
            }
        }

        return true;
    }

    public FileError Error(int offset, string found, string expected)
    {
        var before = Bytes.Span[..Math.Min(offset, Bytes.Length)];
        var line = before.Count((byte)'\n') + 1;
        var column = before.Length - before.LastIndexOf((byte)'\n');
        return new FileError(File, line, column, found, expected);
    }

    public string Describe(int start, int end)
    {
        var whole = Encoding.UTF8.GetString(Bytes.Span[start..end]);
        var line = string.Join(' ', whole.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= Shown ? line : string.Concat(line.AsSpan(0, Shown), "…");
    }

    private JsonPart Parse()
    {
        var reader = new Utf8JsonReader(Bytes.Span);
        try
        {
            reader.Read();
            var part = ReadValue(ref reader, "");
            while (reader.Read())
            {
                // Nothing may follow; the reader says so itself.
            }

            return part;
        }
        catch (JsonException broken)
        {
            // The reader of the framework tells a mistake in the text by throwing.
            throw new FileRefusedException(Broken(broken));
        }
    }

    private JsonPart ReadValue(ref Utf8JsonReader reader, string path)
    {
        var part = new JsonPart(this, reader.TokenType, (int)reader.TokenStartIndex, path);
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                part.String = ReadString(ref reader);
                break;
            case JsonTokenType.StartArray:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    part.Elements.Add(ReadValue(ref reader, $"{path}[{part.Elements.Count}]"));
                }

                break;
            case JsonTokenType.StartObject:
                ReadMembers(ref reader, part);
                break;
        }

        part.End = (int)reader.BytesConsumed;
        return part;
    }

    private void ReadMembers(ref Utf8JsonReader reader, JsonPart part)
    {
        var names = new HashSet<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var at = (int)reader.TokenStartIndex;
            var name = ReadString(ref reader);
            var path = part.Path.Length == 0 ? name : $"{part.Path}.{name}";
            if (!names.Add(name))
            {
                throw new FileRefusedException(Error(at, $"a second \"{name}\"", "each member once") with { Member = path });
            }

            reader.Read();
            part.Members.Add((name, ReadValue(ref reader, path)));
        }
    }

    private string ReadString(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, written as an escape: JSON by its grammar, but no text.
            var at = (int)reader.TokenStartIndex;
            throw new FileRefusedException(
                Error(at, "a \\u escape that is half a character", "text") with { Fault = FileFault.Syntax });
        }
    }

    private FileError Broken(JsonException broken)
    {
        var end = broken.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var reason = (end < 0 ? broken.Message : broken.Message[..end]).TrimEnd('.');
        var (line, column) = ((int)(broken.LineNumber ?? 0) + 1, (int)(broken.BytePositionInLine ?? 0) + 1);
        return new FileError(File, line, column, $"text that is not JSON ({reason})", "JSON") { Fault = FileFault.Syntax };
    }

    private int FirstInvalid()
    {
        var rest = Bytes.Span;
        while (!rest.IsEmpty && Rune.DecodeFromUtf8(rest, out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            rest = rest[length..];
        }

        return Bytes.Length - rest.Length;
    }
}
