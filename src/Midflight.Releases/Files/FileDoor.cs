using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Midflight.Releases;

/// <summary>Turns text into what a file describes, and back.</summary>
internal static class FileDoor
{
    public static FileRead<T> Read<T>(string file, ReadOnlyMemory<byte> text, Func<JsonPart, T> read) where T : class
    {
        try
        {
            return read(JsonText.Read(file, text));
        }
        catch (FileRefusedException refused)
        {
            // The readers stop at the first error, at any depth; here it becomes the answer.
            return refused.Error;
        }
    }

    public static string Write(Action<Utf8JsonWriter> write) => Write(write, new() { Indented = true, NewLine = "\n" }) + "\n";

    public static string WriteLine(Action<Utf8JsonWriter> write) => Write(write, new());

    private static string Write(Action<Utf8JsonWriter> write, JsonWriterOptions options)
    {
        // Names of types contain + and `, and the text is never put into a web page, so only quotes and the like are escaped.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, options))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    extension(Utf8JsonWriter json)
    {
        /// <summary>Writes an element of a list on a line of its own.</summary>
        public void WriteLine(Action<Utf8JsonWriter> write)
        {
            // The framework's writer does not indent raw text.
            var line = FileDoor.WriteLine(write);
            var indent = json.Options.Indented ? "\n" + new string(' ', json.CurrentDepth * json.Options.IndentSize) : "";
            json.WriteRawValue(indent + line, skipInputValidation: true);
        }

        /// <summary>Writes a list of names on one line.</summary>
        public void WriteNames(string member, ImmutableArray<string> names)
        {
            json.WritePropertyName(member);
            json.WriteRawValue(
                FileDoor.WriteLine(line =>
                {
                    line.WriteStartArray();
                    foreach (var name in names)
                    {
                        line.WriteStringValue(name);
                    }

                    line.WriteEndArray();
                }),
                skipInputValidation: true);
        }
    }
}
