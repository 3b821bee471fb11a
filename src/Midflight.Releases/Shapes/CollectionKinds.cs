using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Which collections hold the same things in the same order, so that one can become another.</summary>
/// <remarks>A class belongs to the family that <see cref="SharedRules"/> gives it; an interface, to that of the collections that implement it.</remarks>
internal static class CollectionKinds
{
    private const string Generic = "System.Collections.Generic.";
    private const string Immutable = "System.Collections.Immutable.";

    private static readonly FrozenDictionary<string, SharedFamily> s_interfaces = new Dictionary<string, SharedFamily>
    {
        [$"{Generic}IList`1"] = SharedFamily.Sequence,
        [$"{Generic}IReadOnlyList`1"] = SharedFamily.Sequence,
        [$"{Immutable}IImmutableList`1"] = SharedFamily.Sequence,
        [$"{Immutable}IImmutableQueue`1"] = SharedFamily.Sequence,
        [$"{Immutable}IImmutableStack`1"] = SharedFamily.Stack,
        [$"{Generic}ISet`1"] = SharedFamily.Set,
        [$"{Generic}IReadOnlySet`1"] = SharedFamily.Set,
        [$"{Immutable}IImmutableSet`1"] = SharedFamily.Set,
        [$"{Generic}IDictionary`2"] = SharedFamily.Map,
        [$"{Generic}IReadOnlyDictionary`2"] = SharedFamily.Map,
        [$"{Immutable}IImmutableDictionary`2"] = SharedFamily.Map,
    }.ToFrozenDictionary();

    // They may be of any family with elements: the value tells.
    private static readonly FrozenSet<string> s_any = [$"{Generic}IEnumerable`1", $"{Generic}ICollection`1", $"{Generic}IReadOnlyCollection`1"];

    /// <summary>What two collections hold, where one can become the other: elements, or keys and values. Null where it cannot.</summary>
    public static (ImmutableArray<TypeName> Old, ImmutableArray<TypeName> Now)? Parts(TypeName old, TypeName now) =>
        PartsOf(old) is { } before && PartsOf(now) is { } after && before.Length == after.Length && Fit(FamilyOf(old), FamilyOf(now)) ? (before, after) : null;

    /// <summary>Whether a collection of one family can become one of another: a set can be put in some order, and what is in an order can lose it.</summary>
    public static bool Fit(SharedFamily? old, SharedFamily? now) => old is null || now is null || old == now
        || (old is SharedFamily.Sequence or SharedFamily.Set && now is SharedFamily.Sequence or SharedFamily.Set);

    private static ImmutableArray<TypeName>? PartsOf(TypeName type) => type switch
    {
        TypeName.Array(var element, 1) => [element],
        TypeName.Named(var name, [_] or [_, _]) named when s_any.Contains(name) || FamilyOf(type) is not null => named.Arguments,
        _ => null,
    };

    // Null for an interface that may be of any, and for what is no collection.
    private static SharedFamily? FamilyOf(TypeName type) => type switch
    {
        TypeName.Array => SharedFamily.Sequence,
        TypeName.Named(var name, _) when s_interfaces.TryGetValue(name, out var family) => family,
        TypeName.Named(var name, _) => SharedRules.Find(name)?.Family is SharedFamily.Sequence or SharedFamily.Stack or SharedFamily.Set or SharedFamily.Map ? SharedRules.Find(name)!.Family : null,
        _ => null,
    };
}
