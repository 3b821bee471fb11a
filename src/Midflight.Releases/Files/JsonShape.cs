using System.Collections.Immutable;
using System.Text.Json;

namespace Midflight.Releases;

/// <summary>What the readers of the files ask of a <see cref="JsonPart"/>; each question throws the complaint.</summary>
internal static class JsonShape
{
    extension(JsonPart part)
    {
        public JsonPart AsObject(string what) =>
            part.Type == JsonTokenType.StartObject ? part : throw Refused(part, what);

        public IReadOnlyList<JsonPart> AsList(string what) =>
            part.Type == JsonTokenType.StartArray ? part.Elements : throw Refused(part, what);

        public string AsString(string what) => part.String ?? throw Refused(part, what);

        public bool IsNull => part.Type == JsonTokenType.Null;

        public JsonPart Required(string name, string what) =>
            part.Member(name) ?? throw new FileRefusedException(Missing(part, name, what));

        public ImmutableArray<string> AsStrings(string list, string element) =>
            [.. part.AsList(list).Select(item => item.AsString(element))];

        public bool AsBoolean(string what) => part.Type switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            _ => throw Refused(part, what),
        };

        public long? AsLimit(string what) => part switch
        {
            { IsNull: true } => null,
            { Whole: > 0 and var number } => number,
            _ => throw Refused(part, what),
        };

        public long? Whole =>
            part.Type == JsonTokenType.Number && part.ToElement().TryGetInt64(out var number) ? number : null;

        public void Only(params string[] names)
        {
            foreach (var (name, value) in part.Members)
            {
                if (!names.Contains(name))
                {
                    throw new FileRefusedException(value.Text.Error(value.Start, $"a member \"{name}\"", Choice(names)) with
                    {
                        Member = value.Path,
                    });
                }
            }
        }
    }

    public static FileError Missing(JsonPart part, string name, string what) =>
        part.Text.Error(part.Start, $"no \"{name}\"", what) with
        {
            Fault = FileFault.Missing,
            Member = part.Path.Length == 0 ? name : $"{part.Path}.{name}",
        };

    private static FileRefusedException Refused(JsonPart part, string what) => new(part.Error(what));

    private static string Choice(string[] names) =>
        names.Length == 1 ? $"only \"{names[0]}\"" : $"only \"{string.Join("\", \"", names[..^1])}\" and \"{names[^1]}\"";
}
