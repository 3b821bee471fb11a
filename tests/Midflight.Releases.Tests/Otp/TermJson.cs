using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;

namespace Midflight.Releases.Tests.Otp;

/// <summary>Terms as values of JSON. What does not fit its place becomes something that no reader takes for it.</summary>
internal static class TermJson
{
    /// <summary>Any term, so that two are equal exactly if their texts are.</summary>
    public static JsonNode Any(ErlangTerm term) => term switch
    {
        ErlangTerm.Atom(var name) => JsonValue.Create(name),
        ErlangTerm.Whole(var value) => JsonNode.Parse(value.ToString())!,
        ErlangTerm.Real(var value) => new JsonObject { ["float"] = value },
        ErlangTerm.Binary(var bytes) => new JsonObject { ["binary"] = Convert.ToHexString([.. bytes]) },
        ErlangTerm.Tuple(var elements) => new JsonObject { ["tuple"] = List(elements, Any) },
        ErlangTerm.List(var elements) => List(elements, Any),
        ErlangTerm.Map(var members) => new JsonObject
        {
            ["map"] = new JsonArray([.. members.Select(member => new JsonArray(Any(member.Key), Any(member.Value)))
                .OrderBy(member => member.ToJsonString(), StringComparer.Ordinal)]),
        },
        _ => throw new NotSupportedException($"No JSON for {term}."),
    };

    /// <summary>Where an atom must stand.</summary>
    public static JsonNode Name(ErlangTerm term) => term is ErlangTerm.Atom(var name) ? JsonValue.Create(name) : Odd(term);

    /// <summary>Where a string must stand.</summary>
    public static JsonNode Text(ErlangTerm term) => term.Text is { } text ? JsonValue.Create(text) : Odd(term);

    /// <summary>Where a list must stand.</summary>
    public static JsonNode List(ErlangTerm term, Func<ErlangTerm, JsonNode> element) =>
        term is ErlangTerm.List(var elements) ? List(elements, element) : Odd(term);

    /// <summary>Where a number or one of some words must stand.</summary>
    public static JsonNode NumberOrWord(ErlangTerm term) => term switch
    {
        ErlangTerm.Whole => Any(term),
        ErlangTerm.Real(var value) => JsonValue.Create(value),
        _ => Name(term),
    };

    /// <summary>A term that must not be taken for what should stand in its place.</summary>
    public static JsonNode Odd(ErlangTerm term) => new JsonObject { ["odd"] = Any(term) };

    private static JsonArray List(ImmutableArray<ErlangTerm> elements, Func<ErlangTerm, JsonNode> element) =>
        [.. elements.Select(element)];

    public static ReadOnlyMemory<byte> Bytes(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString());
}
