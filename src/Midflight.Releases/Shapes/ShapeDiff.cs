using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Compares an old shape with a new one: what each member becomes, or why values cannot be taken over.</summary>
internal static class ShapeDiff
{
    public static TypeChange Between(Shape old, Shape now, ShapeRules rules)
    {
        var change = new TypeChange(old, now);
        var advice = new Advice(old, now, rules.From);

        if (!AreAlike(old.Kind, now.Kind) || old.Parameters != now.Parameters || old.IsGenerated || now.IsGenerated)
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

        var match = MemberMatch.Of(old, now, rules);
        var defaults = NewMemberDefaults.Of(now, match.Kept, match.Added, rules.To, advice);

        return change with
        {
            Kept = match.Kept,
            Dropped = match.Dropped,
            Added = defaults.Members,
            Refusals =
            [
                .. match.Kept.Select(member => Against(member, now, advice)).OfType<ConversionRefusal>(),
                .. match.Questions.Select(question => Question(question.Old, question.Now, now)),
                .. defaults.Refusals.Where(refused => match.Questions.All(question => question.Now.Member.Name != refused.Member)),
            ],
        };
    }

    // The other of the two can hold the same members; whether each value can be one is asked where it stands.
    private static bool AreAlike(ShapeKind old, ShapeKind now) =>
        old == now || (old is ShapeKind.Class or ShapeKind.Struct && now is ShapeKind.Class or ShapeKind.Struct);

    private static ConversionRefusal? Against(KeptMember member, Shape now, Advice advice)
    {
        var (before, after) = (member.From.Member, member.To.Member);

        if (HaveMoved(before.TupleNames, after.TupleNames))
        {
            return new(
                now.ToString(), after.Name, $"had its elements in the order {string.Join(", ", before.TupleNames)} and has them in the order {string.Join(", ", after.TupleNames)}", advice.Convert);
        }

        return member.Rule is PlaceRule.Refused(var why)
            ? new(now.ToString(), after.Name, before.Type.Equals(after.Type) ? $"is {after.Type}, {why}" : $"was {Name(before.Type, after.Type)} and is {Name(after.Type, before.Type)}, {why}", advice.Convert)
            : null;
    }

    // A tuple's elements are known by their places only, so one whose name is at another place would be taken for another.
    private static bool HaveMoved(ImmutableArray<string> before, ImmutableArray<string> after) => before.Length == after.Length
        && Enumerable.Range(0, before.Length).Any(at => before[at].Length > 0 && before[at] != after[at] && after.Contains(before[at]));

    // With its namespace, where the other is called the same without.
    private static string Name(TypeName type, TypeName other) => type.ToString() == other.ToString() && type is TypeName.Named(var full, _) ? full.Replace('+', '.') : type.ToString()!;

    private static ConversionRefusal Question(PlacedMember old, PlacedMember now, Shape type) => new(
        type.ToString(), now.Member.Name, $"is new and {old.Member.Name}, of the same type, is gone: it may be its new name",
        $"Write on {type}: `[Renamed(\"{old.Member.Name}\", \"{now.Member.Name}\")]` if it is, or `[Dropped(\"{old.Member.Name}\")]` if what {old.Member.Name} holds is to be lost.");

    private static ConversionRefusal Unlike(Shape old, Shape now, Advice advice) => old switch
    {
        { IsGenerated: true } => new(old.ToString(), null, "is made by the compiler and has no namesake", "Hold a named method or a type of your own."),
        _ when old.Kind != now.Kind => new(now.ToString(), null, $"was {Word(old.Kind)} and is {Word(now.Kind)}", advice.Convert),
        _ => new(now.ToString(), null, "has another number of type parameters", advice.Convert),
    };

    private static ConversionRefusal? Parents(Shape old, Shape now, ShapeRules rules, Advice advice)
    {
        var (before, after) = (rules.From.SharedParent(old), rules.To.SharedParent(now));

        if (!Equals(before, after) && (after is not null || HasRule(before)))
        {
            return new(now.ToString(), null, $"derived from {before?.ToString() ?? "object"} and derives from {after?.ToString() ?? "object"}", advice.Convert);
        }

        return MayBeParent(after)
            ? null
            : new(now.ToString(), null, $"derives from {after}, whose insides cannot be copied", $"Hold a {after} in a member instead.");
    }

    private static bool MayBeParent(TypeName? parent) => parent is not TypeName.Named(var name, _) || SharedRules.MayBeParent(name);

    // What it holds would be lost.
    private static bool HasRule(TypeName? parent) => parent is TypeName.Named(var name, _) && SharedRules.Find(name) is not null;

    private static string Word(ShapeKind kind) => kind is ShapeKind.Enum or ShapeKind.Interface
        ? $"an {kind.ToString().ToLowerInvariant()}"
        : $"a {kind.ToString().ToLowerInvariant()}";
}
