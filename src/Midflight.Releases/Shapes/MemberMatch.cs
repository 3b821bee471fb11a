using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Which member of an old type is which of the new one.</summary>
/// <param name="Kept">Those that are in both.</param>
/// <param name="Added">Those that are new.</param>
/// <param name="Dropped">Those that are gone.</param>
/// <param name="Questions">New ones that may be the new name of one that is gone: only who wrote them knows.</param>
internal sealed record MemberMatch(
    ImmutableArray<KeptMember> Kept, ImmutableArray<PlacedMember> Added, ImmutableArray<PlacedMember> Dropped, ImmutableArray<(PlacedMember Old, PlacedMember Now)> Questions)
{
    public static MemberMatch Of(Shape old, Shape now, ShapeRules rules)
    {
        var (before, after) = (rules.From.Members(old), rules.To.Members(now));
        var found = new Dictionary<PlacedMember, (PlacedMember Old, bool IsFolded)>();
        var left = before.ToList();

        // What a person wrote; then the name in the same type; then the name wherever it has moved in the hierarchy; then its spelling.
        Match(member => left.Where(candidate => IsRenamed(old, now, rules, candidate, member)), isFolded: false);
        Match(member => left.Where(candidate => Named(candidate, member) && SameType(candidate.DeclaredIn, member.DeclaredIn, rules)), isFolded: false);
        Match(member => left.Where(candidate => Named(candidate, member) && !IsExchanged(candidate, member)), isFolded: false);
        Match(member => left.Where(candidate => Folded(candidate, member) && !IsExchanged(candidate, member) && Fits(candidate, member, rules)), isFolded: true);

        var added = after.Where(member => !found.ContainsKey(member)).ToImmutableArray();
        return new(
            [.. after.Where(found.ContainsKey).Select(member => Kept(found[member], member))],
            added, [.. left], [.. Asked(old, now, [.. left], added)]);

        KeptMember Kept((PlacedMember Old, bool IsFolded) match, PlacedMember member) => TupleOrder.Of(match.Old.Member, member.Member) is { IsEmpty: false } order
            ? new(match.Old, member, rules.Between(TupleOrder.In((TypeName.Named)match.Old.Member.Type, order), member.Member.Type)) { IsFolded = match.IsFolded, Order = order }
            : new(match.Old, member, Rule(match.Old.Member, member.Member, rules)) { IsFolded = match.IsFolded };

        // Where one moves up and another one down between the same two types, it may as well be that each stayed and changed its name.
        bool IsExchanged(PlacedMember candidate, PlacedMember member) => left.Any(other =>
            SameType(other.DeclaredIn, member.DeclaredIn, rules) && after.Any(moved => Named(other, moved) && SameType(candidate.DeclaredIn, moved.DeclaredIn, rules)));

        // Only what is unique, from both sides.
        void Match(Func<PlacedMember, IEnumerable<PlacedMember>> candidates, bool isFolded)
        {
            var pairs = after.Where(member => !found.ContainsKey(member))
                .Select(member => (Now: member, Old: candidates(member).Take(2).ToList()))
                .Where(pair => pair.Old.Count == 1).Select(pair => (pair.Now, Old: pair.Old[0])).ToList();

            foreach (var group in pairs.GroupBy(pair => pair.Old).Where(group => group.Count() == 1).Select(group => group.Single()).ToList())
            {
                found.Add(group.Now, (group.Old, isFolded));
                left.Remove(group.Old);
            }
        }
    }

    // Where both may be null the values decide: a null there is one of the new type as well.
    private static PlaceRule Rule(ShapeMember old, ShapeMember now, ShapeRules rules) => rules.Between(old.Type, now.Type) switch
    {
        PlaceRule.Refused(var why) when MayBeNull(old) && MayBeNull(now) => new PlaceRule.OnlyNull(why),
        var rule => rule,
    };

    private static bool MayBeNull(ShapeMember member) => member.Type switch
    {
        TypeName.Named { FullName: "System.Nullable`1" } => true,
        TypeName.Named { IsValueType: true } or TypeName.Bound or TypeName.Parameter => false,
        _ => member.AllowsNull,
    };

    private static bool Named(PlacedMember old, PlacedMember now) => old.Member.Name == now.Member.Name;

    private static bool Folded(PlacedMember old, PlacedMember now) => FoldedName.AreOne(old.Member.Name, now.Member.Name);

    private static bool SameType(string old, string now, ShapeRules rules) =>
        old == now || rules.To.Find(now)?.EarlierOf == old || rules.From.Find(old) is { } shape && (shape.EarlierOf == now || rules.Namesake(shape)?.Name == now);

    private static bool Fits(PlacedMember old, PlacedMember now, ShapeRules rules) => rules.Between(old.Member.Type, now.Member.Type) is not PlaceRule.Refused;

    private static bool IsRenamed(Shape old, Shape now, ShapeRules rules, PlacedMember candidate, PlacedMember member) =>
        Chain(now, rules.To).SelectMany(shape => shape.Renamed).Contains((candidate.Member.Name, member.Member.Name))
        || Chain(old, rules.From).SelectMany(shape => shape.Renamed).Contains((member.Member.Name, candidate.Member.Name));

    private static IEnumerable<Shape> Chain(Shape shape, ShapeCatalog catalog) => catalog.Ancestors(shape).Prepend(shape);

    // One that is gone and one that is new of the same type, where there is one of each.
    private static IEnumerable<(PlacedMember, PlacedMember)> Asked(Shape old, Shape now, ImmutableArray<PlacedMember> dropped, ImmutableArray<PlacedMember> added)
    {
        var said = old.Dropped.Concat(now.Dropped).ToHashSet();

        foreach (var member in added.Where(member => !said.Contains(member.Member.Name)))
        {
            var candidates = dropped.Where(candidate => !said.Contains(candidate.Member.Name) && candidate.Member.Type.Equals(member.Member.Type)).ToList();

            if (candidates.Count == 1 && added.Count(other => other.Member.Type.Equals(member.Member.Type)) == 1)
            {
                yield return (candidates[0], member);
            }
        }
    }
}
