using System.Collections.Immutable;
using System.Text.Json;

namespace Midflight.Releases;

/// <summary>Reads and writes <c>relup.json</c>.</summary>
public static class RelupFile
{
    /// <summary>Reads a relup.</summary>
    /// <param name="file">Name of the file, for complaints.</param>
    /// <param name="text">Its bytes.</param>
    /// <returns>The relup, or the first mistake.</returns>
    public static FileRead<Relup> Read(string file, ReadOnlyMemory<byte> text) => FileDoor.Read(file, text, Read);

    /// <summary>Writes a relup.</summary>
    /// <param name="relup">What to write.</param>
    /// <returns>The text of the file.</returns>
    public static string Write(Relup relup) => FileDoor.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("version", relup.Version);
        Write(json, "up", relup.Up);
        Write(json, "down", relup.Down);
        json.WriteEndObject();
    });

    private static Relup Read(JsonPart file)
    {
        file.AsObject("a relup: an object").Only("version", "up", "down");
        return new Relup(
            file.Required("version", "the release's version").AsString("a version in quotes"),
            [.. file.Required("up", "a list of scripts").AsList("a list of scripts").Select(part => ReadScript(part, "from"))],
            [.. file.Required("down", "a list of scripts").AsList("a list of scripts").Select(part => ReadScript(part, "to"))]);
    }

    private static RelupScript ReadScript(JsonPart part, string other)
    {
        part.AsObject($"a script: an object with \"{other}\" and \"instructions\"").Only(other, "description", "instructions");
        var instructions = part.Required("instructions", "a list of instructions").AsList("a list of instructions");
        return new RelupScript(
            part.Required(other, "the other release's version").AsString("a version in quotes"),
            part.Member("description")?.AsString("text in quotes") ?? "",
            [.. instructions.Select(ReadInstruction)]);
    }

    private static LowLevel ReadInstruction(JsonPart part) => InstructionReader.Read(part) switch
    {
        LowLevel instruction => instruction,
        Instruction.Malformed malformed => throw new FileRefusedException(malformed.Error),
        _ => throw new FileRefusedException(part.Error("a low-level instruction; high-level ones belong in an appup")),
    };

    private static void Write(Utf8JsonWriter json, string member, ImmutableArray<RelupScript> scripts)
    {
        json.WriteStartArray(member);
        foreach (var script in scripts)
        {
            json.WriteStartObject();
            json.WriteString(member == "up" ? "from" : "to", script.Version);
            json.WriteString("description", script.Description);
            json.WriteStartArray("instructions");
            foreach (var instruction in script.Instructions)
            {
                json.WriteLine(line => InstructionWriter.Write(line, instruction));
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
