using System.Text.Json;

namespace Midflight.Releases;

/// <summary>One value of a JSON text that knows its position.</summary>
internal sealed class JsonPart(JsonText text, JsonTokenType type, int start, string path)
{
    public JsonText Text { get; } = text;

    /// <summary>Kind of the value by its first token.</summary>
    public JsonTokenType Type { get; } = type;

    /// <summary>Where the value starts, in bytes.</summary>
    public int Start { get; } = start;

    /// <summary>Where the value ends, in bytes; set once it has been read.</summary>
    public int End { get; set; }

    /// <summary>The path of members that leads to it.</summary>
    public string Path { get; } = path;

    /// <summary>The text of a string.</summary>
    public string? String { get; set; }

    /// <summary>The elements of an array, in order.</summary>
    public List<JsonPart> Elements { get; } = [];

    /// <summary>The members of an object, in order.</summary>
    public List<(string Name, JsonPart Value)> Members { get; } = [];

    /// <summary>The value of a member, or null.</summary>
    public JsonPart? Member(string name)
    {
        foreach (var member in Members)
        {
            if (member.Name == name)
            {
                return member.Value;
            }
        }

        return null;
    }

    /// <summary>The whole value for other readers.</summary>
    public JsonElement ToElement() => JsonElement.Parse(Text.Bytes.Span[Start..End]);

    /// <summary>The value as a person sees it, on one line and cut where it gets long.</summary>
    public string Describe() => Text.Describe(Start, End);

    /// <summary>What is wrong with this value.</summary>
    public FileError Error(string expected) =>
        Text.Error(Start, Describe(), expected) with { Member = Path };
}
