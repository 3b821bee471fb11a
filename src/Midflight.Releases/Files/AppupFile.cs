using System.Collections.Immutable;
using System.Text.Json;

namespace Midflight.Releases;

/// <summary>Reads and writes <c>NAME.appup.json</c>.</summary>
public static class AppupFile
{
    /// <summary>Reads an appup.</summary>
    /// <param name="file">Name of the file, for error messages.</param>
    /// <param name="text">Its bytes.</param>
    /// <returns>
    /// The appup, or the first error that makes it unusable. An error inside an entry stays with that entry, so that it matters
    /// only to code that needs the entry; <see cref="Appup.Mistakes"/> lists them.
    /// </returns>
    public static FileRead<Appup> Read(string file, ReadOnlyMemory<byte> text) => FileDoor.Read(file, text, Read);

    /// <summary>Writes an appup.</summary>
    /// <param name="appup">The appup.</param>
    /// <returns>The text of the file.</returns>
    public static string Write(Appup appup) => FileDoor.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("version", appup.Version);
        Write(json, "up", appup.Up);
        Write(json, "down", appup.Down);
        json.WriteEndObject();
    });

    private static Appup Read(JsonPart file)
    {
        file.AsObject("an appup: an object").Only("version", "up", "down");
        var version = file.Required("version", "the version that it leads to");
        return new Appup(
            // A version that is not text equals no version, and code that compares it warns.
            version.String ?? version.Describe(),
            ReadEntries(file.Required("up", "a list of entries")),
            ReadEntries(file.Required("down", "a list of entries")));
    }

    private static ImmutableArray<AppupEntry> ReadEntries(JsonPart part) => part.Type == JsonTokenType.StartArray
        ? [.. part.Elements.Select(ReadEntry)]
        : [new AppupEntry(new AppupVersion.Malformed(part.Error("a list of entries")), [])];

    private static AppupEntry ReadEntry(JsonPart part)
    {
        const string Entry = "an entry: an object with \"from\" or \"from_matching\", and \"instructions\"";
        try
        {
            part.AsObject(Entry).Only("from", "from_matching", "instructions");
            var instructions = part.Required("instructions", "a list of instructions");
            return new AppupEntry(ReadVersion(part, Entry), ReadInstructions(instructions));
        }
        catch (FileRefusedException refused)
        {
            // A malformed entry matches nothing; the error is reported to code that finds no other entry.
            return new AppupEntry(new AppupVersion.Malformed(refused.Error), []);
        }
    }

    private static AppupVersion ReadVersion(JsonPart part, string entry) => (part.Member("from"), part.Member("from_matching")) switch
    {
        ({ } from, null) => new AppupVersion.Exact(from.AsString("a version in quotes")),
        (null, { } pattern) => new AppupVersion.Pattern(pattern.AsString("a regular expression in quotes")),
        _ => throw new FileRefusedException(part.Error(entry)),
    };

    private static ImmutableArray<Instruction> ReadInstructions(JsonPart part) => part.Type == JsonTokenType.StartArray
        ? [.. part.Elements.Select(InstructionReader.Read)]
        : [new Instruction.Malformed(part.Describe(), InstructionFault.BadInstruction, part.Error("a list of instructions"))];

    private static void Write(Utf8JsonWriter json, string member, ImmutableArray<AppupEntry> entries)
    {
        json.WriteStartArray(member);
        foreach (var entry in entries)
        {
            json.WriteStartObject();
            json.WriteString(entry.From is AppupVersion.Pattern ? "from_matching" : "from", entry.From switch
            {
                AppupVersion.Exact(var version) => version,
                AppupVersion.Pattern(var expression) => expression,
                _ => throw new ArgumentException($"An entry that could not be read cannot be written: {entry.From}"),
            });
            json.WriteStartArray("instructions");
            foreach (var instruction in entry.Instructions)
            {
                json.WriteLine(line => InstructionWriter.Write(line, instruction));
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
