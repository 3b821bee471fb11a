using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Compares an old shape with a new one: what each member becomes, or why values cannot be taken over.</summary>
internal static class ShapeDiff
{
    public static TypeChange Between(Shape old, Shape now, ShapeRules rules)
    {
        var change = new TypeChange(old, now);
        var advice = new Advice(old, now, rules.From);

        if (old.Kind != now.Kind || old.Parameters != now.Parameters || old.IsGenerated || now.IsGenerated)
        {
            return change with { Refusals = [Unlike(old, now, advice)] };
        }

        if (now.Kind == ShapeKind.Enum)
        {
            return change with { NamesGone = [.. old.Names.Select(name => name.Key).Except(now.Names.Select(name => name.Key))] };
        }

        if (Parents(old, now, rules, advice) is { } refusal)
        {
            return change with { Refusals = [refusal] };
        }

        var (oldMembers, members) = (rules.From.Members(old), rules.To.Members(now));
        var kept = (from member in members
                    let before = Namesake(member, oldMembers)
                    where before is not null
                    select new KeptMember(before, member, rules.Between(before.Member.Type, member.Member.Type))).ToImmutableArray();
        var added = members.Where(member => kept.All(other => other.To != member)).ToImmutableArray();
        var defaults = NewMemberDefaults.Of(now, kept, added, rules.To, advice);

        return change with
        {
            Kept = kept,
            Dropped = [.. oldMembers.Where(member => kept.All(other => other.From != member))],
            Added = defaults.Members,
            Refusals = [.. kept.Select(member => Against(member, now, advice)).OfType<ConversionRefusal>(), .. defaults.Refusals],
        };
    }

    // By name in the same type; else by name anywhere in the hierarchy, where that is not ambiguous: a member may move up or down.
    private static PlacedMember? Namesake(PlacedMember member, ImmutableArray<PlacedMember> candidates)
    {
        var named = candidates.Where(candidate => candidate.Member.Name == member.Member.Name).ToList();
        return named.FirstOrDefault(candidate => candidate.DeclaredIn == member.DeclaredIn) ?? (named.Count == 1 ? named[0] : null);
    }

    private static ConversionRefusal? Against(KeptMember member, Shape now, Advice advice)
    {
        var (before, after) = (member.From.Member, member.To.Member);
        return member.Rule switch
        {
            PlaceRule.Refused(var why) =>
                new(now.ToString(), after.Name, before.Type.Equals(after.Type) ? $"is {after.Type} {why}" : $"was {before.Type} and is {after.Type}, {why}", advice.Convert),
            _ when before.IsNullable && !after.AllowsNull && !IsValueType(after.Type) && !IsValueType(before.Type) =>
                new(now.ToString(), after.Name, $"was {before.Type}? and is {after.Type}, which cannot be null", advice.Convert),
            _ => null,
        };
    }

    private static bool IsValueType(TypeName type) => type is TypeName.Named { IsValueType: true };

    private static ConversionRefusal Unlike(Shape old, Shape now, Advice advice) => old switch
    {
        { IsGenerated: true } => new(old.ToString(), null, "is made by the compiler and has no namesake", "Hold a named method or a type of your own."),
        _ when old.Kind != now.Kind => new(now.ToString(), null, $"was {Word(old.Kind)} and is {Word(now.Kind)}", advice.Convert),
        _ => new(now.ToString(), null, "has another number of type parameters", advice.Convert),
    };

    private static ConversionRefusal? Parents(Shape old, Shape now, ShapeRules rules, Advice advice)
    {
        var (before, after) = (rules.From.SharedParent(old), rules.To.SharedParent(now));

        if (!Equals(before, after) && (after is not null || !MayBeParent(before)))
        {
            return new(now.ToString(), null, $"derived from {before?.ToString() ?? "object"} and derives from {after?.ToString() ?? "object"}", advice.Convert);
        }

        return MayBeParent(after)
            ? null
            : new(now.ToString(), null, $"derives from {after}, whose insides cannot be copied", $"Hold a {after} in a member instead.");
    }

    private static bool MayBeParent(TypeName? parent) => parent is not TypeName.Named(var name, _) || SharedTypes.MayBeParent(name);

    private static string Word(ShapeKind kind) => kind is ShapeKind.Enum or ShapeKind.Interface
        ? $"an {kind.ToString().ToLowerInvariant()}"
        : $"a {kind.ToString().ToLowerInvariant()}";
}
