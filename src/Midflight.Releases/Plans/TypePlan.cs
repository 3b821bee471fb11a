using System.Collections.Immutable;

namespace Midflight.Releases.Plans;

/// <summary>What conversion would do to values of one type, between two builds of an assembly.</summary>
/// <param name="Type">Its full name in the new build; in the old one, where it is gone.</param>
/// <param name="Verdict">What would become of its values, as far as its own members tell.</param>
/// <param name="Reasons">Why: what stands against it with what to write, or what live values decide.</param>
/// <param name="Dropped">Members that are gone, with what they hold.</param>
/// <param name="Defaulted">Members that are new and take a default.</param>
/// <param name="Folded">Members that are found by another spelling: the new name.</param>
public sealed record TypePlan(
    string Type,
    ConversionVerdict Verdict,
    ImmutableArray<string> Reasons,
    ImmutableArray<string> Dropped,
    ImmutableArray<string> Defaulted,
    ImmutableArray<string> Folded)
{
    /// <summary>Plans every type that holds values and is in both builds, or was in the old one, in order of names. Any .NET assembly will do.</summary>
    /// <param name="old">The old build.</param>
    /// <param name="now">The new build.</param>
    public static ImmutableArray<TypePlan> Between(AssemblyFile old, AssemblyFile now)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(now);
        var rules = new ShapeRules(new([(old.Version, old.Shapes)]), new([(now.Version, now.Shapes)]));
        return
        [
            .. old.Shapes.Shapes.Where(HoldsValues).Select(shape => Of(rules, shape))
                .OrderBy(plan => plan.Type, StringComparer.Ordinal),
        ];
    }

    // Interfaces, delegates, static classes and closures hold nothing that is converted.
    private static bool HoldsValues(Shape shape) => shape.Kind is ShapeKind.Class or ShapeKind.Struct or ShapeKind.Enum
        && !(shape.IsAbstract && shape.IsSealed) && !shape.IsGenerated && shape.Name != "<Module>";

    private static TypePlan Of(ShapeRules rules, Shape old)
    {
        if (rules.Namesake(old) is not { } now)
        {
            return new(
                old.Name, ConversionVerdict.LiveValues,
                [$"{old} is gone; a value of it that is still in use is refused. {Advice.Gone(rules, old)}"],
                [], [], []);
        }

        if (rules.Route(old, now).IsWritten)
        {
            return new(now.Name, ConversionVerdict.Written, [], [], [], []);
        }

        var change = rules.Change(old, now);
        return new(
            now.Name,
            VerdictOf(change),
            [.. ReasonsOf(change)],
            [.. change.Dropped.Select(member => member.Member.Name)],
            [.. change.Added.Select(member => member.To.Member.Name)],
            [.. change.Kept.Where(member => member.IsFolded).Select(member => member.To.Member.Name)]);
    }

    private static ConversionVerdict VerdictOf(TypeChange change) => change switch
    {
        { Refusals.IsEmpty: false } => ConversionVerdict.Refused,
        { IsUnchanged: true } => ConversionVerdict.Unchanged,
        { IsDecidedByValues: true } => ConversionVerdict.LiveValues,
        _ => ConversionVerdict.ByShape,
    };

    private static IEnumerable<string> ReasonsOf(TypeChange change) =>
        change.Refusals.Select(refusal => refusal.ToString())
            .Concat(change.From.Name == change.To.Name ? [] : [$"{change.To} was {change.From.Name.Replace('+', '.')} and has moved."])
            .Concat(change.NamesGone.Select(name => $"{change.To}.{name} is gone; a value of it is refused."))
            .Concat(change.Kept.Where(member => member.MayNotBeNull || (member.IsOpen && !member.From.Member.Type.Equals(member.To.Member.Type)))
                .Select(member => $"{change.To}.{member.To.Member.Name} {ConversionPlanner.Decided(member)}."));
}
