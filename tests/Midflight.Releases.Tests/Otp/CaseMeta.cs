using System.Collections.Immutable;
using System.Text.Json;

namespace Midflight.Releases.Tests.Otp;

/// <summary>What was asked of systools in a case, and which kind of answer it gave.</summary>
internal sealed class CaseMeta(JsonElement meta)
{
    public string New => meta.GetProperty("new").GetString()!;

    /// <summary>Module and tag of the error, or a word of its own where systools fell over; null if there was none.</summary>
    public string? Error => meta.TryGetProperty("error", out var error) ? error.GetString() : null;

    public IEnumerable<ErlangTerm> Options => List("options").Select(option => ErlangReader.Parse(option.GetString()!));

    public IEnumerable<(string Name, string Description)> Bases(string direction) =>
        from item in List(direction)
        let description = item.TryGetProperty("description", out var given) ? ErlangReader.Parse(given.GetString()!) : null
        select (item.GetProperty("rel").GetString()!, description is null ? "" : FileTerms.Description(description));

    public ImmutableDictionary<(ChangeMode, string), ImmutableArray<string>> Ties =>
        List("ties").ToImmutableDictionary(
            tie => (tie.GetProperty("direction").GetString() == "up" ? ChangeMode.Up : ChangeMode.Down, tie.GetProperty("base").GetString()!),
            tie => tie.GetProperty("components").EnumerateArray()
                .SelectMany(component => component.EnumerateArray()).Select(module => module.GetString()!).ToImmutableArray());

    private JsonElement[] List(string name) =>
        meta.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : [];
}
