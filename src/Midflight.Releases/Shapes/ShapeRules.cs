using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>The one set of rules by which values of one version become values of another. The planner asks it, and so does the node.</summary>
/// <param name="from">The types of the version that values come from.</param>
/// <param name="to">The types of the version that they go to.</param>
public sealed class ShapeRules(ShapeCatalog from, ShapeCatalog to)
{
    private readonly ConcurrentDictionary<(string, string), TypeChange> _changes = new();
    private readonly ConcurrentDictionary<string, Shape?> _namesakes = new();

    /// <summary>The types that values come from.</summary>
    public ShapeCatalog From { get; } = from;

    /// <summary>The types that they go to.</summary>
    public ShapeCatalog To { get; } = to;

    /// <summary>Whether values go back to the version before, so that what is to be written belongs into the version that they come from. Default: false.</summary>
    internal bool IsWayDown { get; init; }

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
    /// <remarks>By its full name, unless that only counts (<c>Tuple12</c>) and what it counts has moved on; else by what its earlier shape says; else as the one type that has moved to another namespace or type.</remarks>
    /// <param name="old">The old shape.</param>
    public Shape? Namesake(Shape old)
    {
        ArgumentNullException.ThrowIfNull(old);
        return _namesakes.GetOrAdd(old.Name, static (name, context) =>
            context.rules.To.Find(name) is { } same && !MovedTypes.IsCompilers(same) ? MovedTypes.Counted(context.rules, context.old, same) ?? same
                : ConversionRoutes.Renamed(context.rules, context.old) ?? MovedTypes.Find(context.rules, context.old), (old, rules: this));
    }

    /// <summary>How what stands in a place of one type comes to stand in a place of another.</summary>
    /// <param name="old">The old type.</param>
    /// <param name="now">The new type.</param>
    public PlaceRule Between(TypeName old, TypeName now) => (old, now) switch
    {
        (TypeName.Bound, _) or (_, TypeName.Bound) => old.Equals(now)
            ? new PlaceRule.Refused("which cannot leave its stack or process")
            : new PlaceRule.Refused("and cannot leave its stack or process"),
        (TypeName.Parameter(var index), TypeName.Parameter(var other)) when index == other => new PlaceRule.Same(),
        (TypeName.Array a, TypeName.Array b) when a.Rank == b.Rank => Parts([a.Element], [b.Element]),
        (TypeName.Named a, TypeName.Named b) => Named(a, b),
        _ => ToObject(now) ?? Written(old, now) ?? Rebuilt(old, now) ?? FromWider(old) ?? (PlaceRule)new PlaceRule.Refused("and neither is the new form of the other"),
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
            return oldShape is null && nowShape is null
                ? Shared(old, now)
                : Written(old, now) ?? (PlaceRule)new PlaceRule.Refused(oldShape is not null && nowShape is not null
                    ? $"and {oldShape} has become {Namesake(oldShape)?.ToString() ?? "another type"}"
                    : "and has moved into or out of the application, so they are different types");
        }

        return Written(old, now)
            ?? Nullable(old, now)
            ?? Number(old, now)
            ?? ToObject(now)
            ?? ToValueType(old, now)
            ?? ToLock(old, now)
            ?? Rebuilt(old, now)
            ?? ByReference(old, now, oldShape, nowShape)
            ?? (PlaceRule)new PlaceRule.Refused("and neither is the new form of the other");
    }

    // A type and its namesake; or one and the shape that the other had earlier.
    private bool AreNamesakes(Shape old, Shape now) =>
        now.EarlierOf == old.Name || old.EarlierOf == now.Name || Namesake(old)?.Name == now.Name;

    private PlaceRule Hot(TypeName.Named old, TypeName.Named now, Shape oldShape, Shape nowShape)
    {
        if (old.Arguments.Length != now.Arguments.Length)
        {
            return new PlaceRule.Refused("with a different number of type arguments");
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

            // None may be there, or one that has a rule or nothing of the old code in it.
            : new PlaceRule.ByRunTimeType();
    }

    private PlaceRule Parts(ImmutableArray<TypeName> old, ImmutableArray<TypeName> now)
    {
        var rules = old.Zip(now, Between).ToImmutableArray();
        return (PlaceRule?)rules.OfType<PlaceRule.Refused>().FirstOrDefault()
            ?? (rules.All(rule => rule is PlaceRule.Same) ? new PlaceRule.Same() : new PlaceRule.Parts(rules));
    }

    private PlaceRule? Rebuilt(TypeName old, TypeName now)
    {
        if (CollectionKinds.Parts(old, now) is not var (before, after))
        {
            return null;
        }

        var rules = before.Zip(after, Between).ToImmutableArray();
        return (PlaceRule?)rules.OfType<PlaceRule.Refused>().FirstOrDefault() ?? new PlaceRule.Rebuilt(rules);
    }

    private PlaceRule? Nullable(TypeName.Named old, TypeName.Named now) => (old, now) switch
    {
        (_, { FullName: "System.Nullable`1", Arguments: [var inner] }) when Between(old, inner) is var rule and not PlaceRule.Refused => new PlaceRule.IntoNullable(rule),
        ({ FullName: "System.Nullable`1", Arguments: [var inner] }, { IsValueType: true }) when Between(inner, now) is var rule and not PlaceRule.Refused =>
            new PlaceRule.OutOfNullable(rule),
        ({ FullName: "System.Nullable`1", Arguments: [var inner] }, { IsValueType: false }) when From.Find(inner) is not null && Between(inner, now) is var rule and not PlaceRule.Refused => rule,
        _ => null,
    };

    private static PlaceRule? Number(TypeName.Named old, TypeName.Named now) =>
        Widening.Holds(old.FullName, now.FullName) ? new PlaceRule.Widened()
        : Widening.AreNumbers(old.FullName, now.FullName) ? new PlaceRule.Narrowed()
        : null;

    private static PlaceRule.ByRunTimeType? ToObject(TypeName now) =>
        now is TypeName.Named { FullName: "System.Object" } ? new PlaceRule.ByRunTimeType() : null;

    private static PlaceRule.ByRunTimeType? ToValueType(TypeName.Named old, TypeName.Named now) =>
        old.IsValueType && now.FullName == "System.ValueType" ? new PlaceRule.ByRunTimeType() : null;

    // What stood in a place open to all decides by itself whether it may stand in a narrower one.
    private static PlaceRule.ByRunTimeType? FromWider(TypeName old) =>
        old is TypeName.Named { FullName: "System.Object" or "System.Array" or "System.Collections.IEnumerable" or "System.Collections.ICollection" or "System.Collections.IList" or "System.ValueType" }
            ? new PlaceRule.ByRunTimeType() : null;

    private static PlaceRule.NewLock? ToLock(TypeName old, TypeName now) =>
        (old, now) is (TypeName.Named { FullName: "System.Object" }, TypeName.Named { FullName: "System.Threading.Lock" }) ? new PlaceRule.NewLock() : null;

    // A class into what it derives from or implements, or the other way: the value's own type decides, where that can be.
    private PlaceRule.ByRunTimeType? ByReference(TypeName.Named old, TypeName.Named now, Shape? oldShape, Shape? nowShape)
    {
        if (FromWider(old) is { } wider)
        {
            return wider;
        }

        if (old.IsValueType && now.IsValueType)
        {
            return null;
        }

        var namesake = oldShape is null ? null : Namesake(oldShape);
        var may = (namesake, nowShape) switch
        {
            ({ } before, { } after) => IsKindOf(before, after.Name) || IsKindOf(after, before.Name) || MayMeet(before, after),
            ({ } before, null) => IsKindOf(before, now.FullName) || (SharedRules.IsInterface(now.FullName) && (!before.IsSealed || before.Kind == ShapeKind.Interface)),
            (null, { } after) when oldShape is null => IsKindOf(after, old.FullName) || (SharedRules.IsInterface(old.FullName) && (!after.IsSealed || after.Kind == ShapeKind.Interface)),
            (null, { } after) => oldShape!.Kind == ShapeKind.Interface || oldShape.IsAbstract || after.Kind == ShapeKind.Interface,
            _ => oldShape is null ? SharedHierarchy.MayBe(old.FullName, now.FullName) : oldShape.Kind == ShapeKind.Interface,
        };
        return may ? new PlaceRule.ByRunTimeType() : null;
    }

    // One is an interface, and a type may implement both.
    private static bool MayMeet(Shape before, Shape after) =>
        (after.Kind == ShapeKind.Interface && (!before.IsSealed || before.Kind == ShapeKind.Interface)) || (before.Kind == ShapeKind.Interface && !after.IsSealed);

    private bool IsKindOf(Shape shape, string fullName) => To.Parents(shape).Any(parent => parent.FullName == fullName || SharedHierarchy.Is(parent.FullName, fullName));

    private PlaceRule.Written? Written(TypeName old, TypeName now) =>
        ConversionRoutes.Find(this, old, now) is { } route ? new PlaceRule.Written(route) : null;
}
