using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>The one set of rules by which values of one version become values of another. The planner asks it, and so does the node.</summary>
/// <param name="from">The types of the version that values come from.</param>
/// <param name="to">The types of the version that they go to.</param>
public sealed class ShapeRules(ShapeCatalog from, ShapeCatalog to)
{
    private readonly ConcurrentDictionary<(string, string), TypeChange> _changes = new();

    /// <summary>The types that values come from.</summary>
    public ShapeCatalog From { get; } = from;

    /// <summary>The types that they go to.</summary>
    public ShapeCatalog To { get; } = to;

    /// <summary>How a value of one type becomes one of the other, member by member, written conversions aside.</summary>
    /// <param name="old">The old shape.</param>
    /// <param name="now">The new shape.</param>
    public TypeChange Change(Shape old, Shape now)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(now);
        return _changes.GetOrAdd((old.Name, now.Name), static (_, context) => ShapeDiff.Between(context.old, context.now, context.rules), (old, now, rules: this));
    }

    /// <summary>The whole way from an old type to a new one, written conversions included.</summary>
    /// <param name="old">The old shape.</param>
    /// <param name="now">The new shape.</param>
    public ConversionRoute Route(Shape old, Shape now)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(now);
        return ConversionRoutes.Find(this, old, now);
    }

    /// <summary>What a type is called in the version that values go to; null if it is gone.</summary>
    /// <param name="old">The old shape.</param>
    public Shape? Namesake(Shape old)
    {
        ArgumentNullException.ThrowIfNull(old);
        return To.Find(old.Name) ?? ConversionRoutes.Renamed(this, old);
    }

    /// <summary>How what stands in a place of one type comes to stand in a place of another.</summary>
    /// <param name="old">The old type.</param>
    /// <param name="now">The new type.</param>
    public PlaceRule Between(TypeName old, TypeName now) => (old, now) switch
    {
        (TypeName.Bound, _) or (_, TypeName.Bound) => new PlaceRule.Refused("and cannot leave its stack or process"),
        (TypeName.Parameter(var index), TypeName.Parameter(var other)) when index == other => new PlaceRule.Same(),
        (TypeName.Array a, TypeName.Array b) when a.Rank == b.Rank => Parts([a.Element], [b.Element]),
        (TypeName.Named a, TypeName.Named b) => Named(a, b),
        _ => ToObject(now) ?? Written(old, now) ?? (PlaceRule)new PlaceRule.Refused("and neither is the other's namesake"),
    };

    private PlaceRule Named(TypeName.Named old, TypeName.Named now)
    {
        var (oldShape, nowShape) = (From.Find(old.FullName), To.Find(now.FullName));

        if (oldShape is not null && nowShape is not null && AreNamesakes(oldShape, nowShape))
        {
            return Hot(old, now, oldShape, nowShape);
        }

        if (old.FullName == now.FullName)
        {
            return (oldShape is null) == (nowShape is null)
                ? Shared(old, now)
                : Written(old, now) ?? (PlaceRule)new PlaceRule.Refused("and has moved into or out of the application, so they are different types");
        }

        return Nullable(old, now)
            ?? (Widening.Holds(old.FullName, now.FullName) ? new PlaceRule.Widened() : null)
            ?? ToObject(now)
            ?? ToParent(oldShape, nowShape)
            ?? Written(old, now)
            ?? (PlaceRule)new PlaceRule.Refused(WhyNot(old, now));
    }

    // A type and its namesake; or one and the shape that the other had earlier.
    private bool AreNamesakes(Shape old, Shape now) =>
        old.Name == now.Name || now.EarlierOf == old.Name || old.EarlierOf == now.Name || Namesake(old)?.Name == now.Name;

    private PlaceRule Hot(TypeName.Named old, TypeName.Named now, Shape oldShape, Shape nowShape)
    {
        if (old.Arguments.Length != now.Arguments.Length)
        {
            return new PlaceRule.Refused("with another number of type arguments");
        }

        var refused = old.Arguments.Zip(now.Arguments, Between).OfType<PlaceRule.Refused>().FirstOrDefault();
        return refused is not null ? refused
            : nowShape.Kind is ShapeKind.Interface or ShapeKind.Delegate || oldShape.Kind is ShapeKind.Interface or ShapeKind.Delegate
                ? new PlaceRule.ByRunTimeType()
            : new PlaceRule.Hot(old, now);
    }

    private PlaceRule Shared(TypeName.Named old, TypeName.Named now)
    {
        if (old.Arguments.IsEmpty || old.Arguments.Length != now.Arguments.Length)
        {
            return SharedRules.AreOpen(old.FullName) ? new PlaceRule.ByRunTimeType() : new PlaceRule.Same();
        }

        var rules = old.Arguments.Zip(now.Arguments, Between).ToImmutableArray();
        return rules.OfType<PlaceRule.Refused>().FirstOrDefault() is { } refused ? refused
            : rules.All(rule => rule is PlaceRule.Same) && !SharedRules.AreOpen(old.FullName) ? new PlaceRule.Same()
            : SharedRules.AreParts(old.FullName) ? new PlaceRule.Parts(rules)
            : SharedRules.AreOpen(old.FullName) ? new PlaceRule.ByRunTimeType()
            : new PlaceRule.Refused($"and nothing is known of how a {CSharpName.Short(old.FullName)} is rebuilt");
    }

    private PlaceRule Parts(ImmutableArray<TypeName> old, ImmutableArray<TypeName> now)
    {
        var rules = old.Zip(now, Between).ToImmutableArray();
        return (PlaceRule?)rules.OfType<PlaceRule.Refused>().FirstOrDefault()
            ?? (rules.All(rule => rule is PlaceRule.Same) ? new PlaceRule.Same() : new PlaceRule.Parts(rules));
    }

    private PlaceRule.IntoNullable? Nullable(TypeName.Named old, TypeName.Named now) =>
        now is { FullName: "System.Nullable`1", Arguments: [var inner] } && Between(old, inner) is var rule and not PlaceRule.Refused
            ? new PlaceRule.IntoNullable(rule)
            : null;

    private static PlaceRule.ByRunTimeType? ToObject(TypeName now) =>
        now is TypeName.Named { FullName: "System.Object" } ? new PlaceRule.ByRunTimeType() : null;

    private PlaceRule.ByRunTimeType? ToParent(Shape? old, Shape? now) =>
        old is not null && now is not null && To.Find(old.Name) is { } namesake && To.Ancestors(namesake).Any(ancestor => ancestor.Name == now.Name)
            ? new PlaceRule.ByRunTimeType()
            : null;

    private PlaceRule.Written? Written(TypeName old, TypeName now) =>
        ConversionRoutes.Find(this, old, now) is { } route ? new PlaceRule.Written(route) : null;

    private static string WhyNot(TypeName.Named old, TypeName.Named now) =>
        old is { FullName: "System.Nullable`1", Arguments: [var inner] } && inner.Equals(now) ? "which cannot be empty"
            : Widening.Holds(now.FullName, old.FullName) ? "which is narrower"
            : "and neither is the other's namesake";
}
