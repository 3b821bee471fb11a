using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>The converters into one code version. It belongs to that version, and holds on to no other.</summary>
internal sealed class ConverterTable
{
    // By type of the old version, weakly: a converter lives as long as the type that it is for.
    private readonly ConditionalWeakTable<Type, Converter> _exact = [];
    private readonly ConditionalWeakTable<Type, ConcurrentDictionary<Type, Converter>> _pairs = [];
    private readonly ConditionalWeakTable<CodeVersion, ShapeRules> _rules = [];

    private readonly CodeVersion _target;
    private readonly FrozenDictionary<HotApplication, CodeVersion> _reach;
    private readonly ShapeCatalog _shapes;

    public ConverterTable(CodeVersion target)
    {
        _target = target;
        var reach = LoadedShapes.Reach(target);
        _reach = reach.DistinctBy(version => version.Application).ToFrozenDictionary(version => version.Application);
        _shapes = LoadedShapes.Of(target, null);
        WithoutSource = new(new([]), _shapes);
    }

    /// <summary>Whether there may be values of another version at all.</summary>
    public bool MayMeetForeign => _reach.Any(entry => entry.Key.Old is not null || entry.Key.Current != entry.Value);

    /// <summary>The rules for values that are of no hot type.</summary>
    private ShapeRules WithoutSource { get; }

    /// <summary>What takes over values that are of just this type.</summary>
    public Converter For(Type type) => _exact.TryGetValue(type, out var converter) ? converter : _exact.GetValue(type, Create);

    /// <summary>What takes a value of just one type over into another type.</summary>
    public Converter Between(Type from, Type to) =>
        _pairs.GetValue(from, static _ => new()).GetOrAdd(to, static (to, context) => context.table.Create(context.from, to), (table: this, from));

    /// <summary>What takes a value of just one type into a place of another: as what it becomes by itself, where that may stand there.</summary>
    public Converter Fitting(Type from, Type to) => Map(from) is { } natural && to.IsAssignableFrom(natural) ? For(from) : Between(from, to);

    /// <summary>What takes over whatever stands in a place of one type into a place of another.</summary>
    public Converter Place(Type from, Type to)
    {
        if (from == to && !CanHold(from))
        {
            return PassConverter.Instance;
        }

        if (from == typeof(object) && to == typeof(Lock))
        {
            return LockConverter.Instance;
        }

        if (from.IsInterface || from.IsAbstract || from == typeof(object) || from.IsAssignableTo(typeof(Delegate)))
        {
            return to == typeof(object) || to == Map(from) ? AnyConverter.Instance : new FittingConverter(to);
        }

        // A boxed value does not tell whether it came from a nullable one.
        var (value, target) = (Nullable.GetUnderlyingType(from) ?? from, Nullable.GetUnderlyingType(to) ?? to);

        return from == to && !LoadedTypes.MentionsHot(from) && !from.IsSealed && !from.IsArray && Collection.KindOf(from) is null ? AnyConverter.Instance
            : value.IsSealed && !value.IsArray ? Between(value, target)
            : new LikelyConverter(value, Between(value, target));
    }

    /// <summary>The rules from the version of a type, or of one that it mentions.</summary>
    public ShapeRules RulesFrom(Type type) => VersionOf(type) is { } version
        ? _rules.GetValue(version, version => new(LoadedShapes.Of(version, type), _shapes))
        : WithoutSource;

    /// <summary>What a type is in the target version; null if it is gone. A type that the target does not know stays what it is.</summary>
    public Type? Map(Type type)
    {
        if (type.IsGenericParameter || !LoadedTypes.MentionsHot(type))
        {
            return type;
        }

        if (type.HasElementType)
        {
            return Map(type.GetElementType()!) is not { } element ? null
                : type.IsSZArray ? element.MakeArrayType()
                : type.IsArray ? element.MakeArrayType(type.GetArrayRank())
                : type;
        }

        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;

        if (CodeVersion.Of(definition) is { } version && _reach.TryGetValue(version.Application, out var target) && target != version)
        {
            var shape = RulesFrom(definition).From.Find(definition.FullName!);
            definition = shape is null || RulesFrom(definition).Namesake(shape) is not { } namesake ? null : Find(namesake.Name);
        }

        if (definition is null || !type.IsGenericType || type.IsGenericTypeDefinition)
        {
            return definition;
        }

        var arguments = type.GetGenericArguments().Select(Map).ToArray();
        return Array.TrueForAll(arguments, argument => argument is not null) && definition.GetGenericArguments().Length == arguments.Length
            ? definition.MakeGenericType(arguments!)
            : null;
    }

    /// <summary>The type of a full name in the target version or in what it uses.</summary>
    public Type? Find(string fullName) => _reach.Values.Select(version => version.FindType(fullName)).FirstOrDefault(type => type is not null);

    /// <summary>Whether in a place of this type there may be something of another code version.</summary>
    public static bool CanHold(Type type) => type switch
    {
        { HasElementType: true } => type.IsArray && CanHold(type.GetElementType()!),
        _ when LoadedTypes.IsHot(type) => true,
        { IsPrimitive: true } or { IsEnum: true } => false,
        _ when type == typeof(string) => false,
        _ when type == typeof(Thread) || type.IsAssignableTo(typeof(Delegate)) => true,
        { IsValueType: false, IsSealed: false } => true,
        _ => type.IsGenericType && type.GetGenericArguments().Any(CanHold),
    };

    // The version that a type comes from: of all that it mentions the one that is not the target's, and of those the one that
    // uses the others.
    private CodeVersion? VersionOf(Type type) => VersionsOf(type)
        .OrderByDescending(version => !_reach.Values.Contains(version))
        .ThenByDescending(version => LoadedShapes.Reach(version).Count)
        .FirstOrDefault();

    private static IEnumerable<CodeVersion> VersionsOf(Type type) => type.HasElementType
        ? VersionsOf(type.GetElementType()!)
        : (type.IsGenericType ? type.GetGenericArguments().SelectMany(VersionsOf) : [])
            .Concat(CodeVersion.Of(type.Assembly) is { } version ? [version] : []);

    private Converter Create(Type type)
    {
        if (Unmovable.Find(type) is { } refusal)
        {
            return new RefusingConverter(refusal);
        }

        if (type.IsAssignableTo(typeof(Delegate)))
        {
            return new DelegateConverter(type);
        }

        if (type.IsAssignableTo(typeof(Type)))
        {
            return new TypeConverter();
        }

        if (Comparers.DefaultOf(type, this) is { } comparer)
        {
            return new ConstantConverter(comparer);
        }

        if (Unmovable.IsList(type))
        {
            return ListConverter.For(type, this);
        }

        return Map(type) switch
        {
            null => new RefusingConverter(new(
                LoadedTypes.Say(type), null, "is gone from the new version, and a value of it is still held",
                $"Keep the type, or write `[Shape(\"…\", Name = \"{type.FullName}\")]` on the shape that it had.")),
            var to when to == type && !HoldsParts(type) => MayHoldForeign(type) ? new ForeignConverter(type) : PassConverter.Instance,
            var to => Between(type, to),
        };
    }

    // What the target version has made itself holds nothing foreign; what an application beside it has may come from old code.
    private bool MayHoldForeign(Type type) =>
        CodeVersion.Of(type.Assembly) is { } version && version != _target && !type.IsEnum && FieldPlan.AllFields(type).Any(field => CanHold(field.FieldType));

    // Shared containers whose elements may be of another version.
    private static bool HoldsParts(Type type) =>
        !LoadedTypes.IsHot(type) && (type.IsArray || Collection.KindOf(type) is not null || FieldPlan.IsTuple(type))
        && (type.IsArray ? CanHold(type.GetElementType()!) : type.GetGenericArguments().Any(CanHold));

    private Converter Create(Type from, Type to)
    {
        if (from == to && !HoldsParts(from))
        {
            return MayHoldForeign(from) ? new ForeignConverter(from) : PassConverter.Instance;
        }

        if (Unmovable.Find(from) is { } unmovable)
        {
            return new RefusingConverter(unmovable);
        }

        if (from.IsArray && to.IsArray && from.GetArrayRank() == to.GetArrayRank())
        {
            return new ArrayConverter(from, to, this);
        }

        if (Collection.KindOf(from) is { } kind && kind == Collection.KindOf(to))
        {
            return Collection.Converter(kind, from, to, this);
        }

        if (FieldPlan.IsTuple(from) && to.IsGenericType && from.GetGenericTypeDefinition() == to.GetGenericTypeDefinition())
        {
            return new ShapeConverter(from, to, table => FieldPlan.OfTuple(from, to, table));
        }

        var rules = RulesFrom(from);
        return rules.Between(LoadedTypes.NameOf(from), LoadedTypes.NameOf(to)) switch
        {
            PlaceRule.Widened => new WideningConverter(to),
            PlaceRule.Narrowed => new NarrowingConverter(to),
            PlaceRule.Hot => Hot(rules, from, to),
            PlaceRule.Written(var route) => new WrittenConverter(route, from, to),
            PlaceRule.Refused(var why) => new RefusingConverter(new(
                LoadedTypes.Say(to), null, $"was {LoadedTypes.Say(from)} and is {LoadedTypes.Say(to)}, {why}",
                $"Write `[Convert] static {LoadedTypes.Say(to)} From({LoadedTypes.Say(from)} old) => …;` in a type of the new version.")),
            _ => AnyConverter.Instance,
        };
    }

    private static Converter Hot(ShapeRules rules, Type from, Type to)
    {
        var (old, now) = (rules.From.Find(LoadedTypes.DefinitionName(from))!, rules.To.Find(LoadedTypes.DefinitionName(to))!);
        var route = rules.Route(old, now);
        return route.IsWritten ? new WrittenConverter(route, from, to) : ByShape(rules.Change(old, now), from, to);
    }

    /// <summary>What takes a hot type over into another member by member, whatever is written.</summary>
    /// <param name="change">What becomes of the members.</param>
    /// <param name="from">The old type.</param>
    /// <param name="to">The new type.</param>
    /// <param name="isStep">Whether the result is not yet what the object becomes.</param>
    public static Converter ByShape(TypeChange change, Type from, Type to, bool isStep = false)
    {
        if (change.Refusals is [var refusal, ..])
        {
            return new RefusingConverter(refusal);
        }

        if (to.IsEnum)
        {
            return new EnumConverter(change, from, to);
        }

        return FieldPlan.Against(from, to) is { } against
            ? new RefusingConverter(against)
            : new ShapeConverter(from, to, table => FieldPlan.Of(change, from, to, table) with { IsStep = isStep });
    }
}
