using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
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
    private readonly ConditionalWeakTable<Assembly, ShapeRules> _rulesOfAssemblies = [];

    private readonly CodeVersion _target;
    private readonly FrozenDictionary<HotApplication, CodeVersion> _reach;
    private readonly ShapeCatalog _shapes;

    /// <param name="target">The version that values are brought into.</param>
    /// <param name="copies">Whether whoever gets them may change them, so that all that can change is copied. Default: nobody may.</param>
    public ConverterTable(CodeVersion target, bool copies = false)
    {
        (_target, Copies) = (target, copies);
        var reach = LoadedShapes.Reach(target);
        _reach = reach.DistinctBy(version => version.Application).ToFrozenDictionary(version => version.Application);
        _shapes = LoadedShapes.Of(target, null);
        WithoutSource = new(new([]), _shapes);
        IsForeign = IsOfAnother;
    }

    /// <summary>Whether all that can change is copied, though nothing in it has changed.</summary>
    public bool Copies { get; }

    /// <summary>Whether an object itself is of another version than the target knows: its type, or the code that it stands for.</summary>
    public Func<object, bool> IsForeign { get; }

    /// <summary>The rules for values that are of no hot type.</summary>
    private ShapeRules WithoutSource { get; }

    /// <summary>What takes over values that are of just this type.</summary>
    public Converter For(Type type) => _exact.TryGetValue(type, out var converter) ? converter : _exact.GetValue(type, Create);

    /// <summary>What takes a value of just one type over into another type.</summary>
    public Converter Between(Type from, Type to) => from == to
        ? For(from)
        : _pairs.GetValue(from, static _ => new()).GetOrAdd(to, static (to, context) => context.table.Create(context.from, to), (table: this, from));

    /// <summary>What takes a value of just one type into a place of another: as what it becomes by itself, where that may stand there.</summary>
    public Converter Fitting(Type from, Type to) => Map(from) is { } natural && to.IsAssignableFrom(natural) ? For(from) : Between(from, to);

    /// <summary>What takes over whatever stands in a place of one type into a place of another.</summary>
    public Converter Place(Type from, Type to)
    {
        if (from == to && Passes(from))
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
        return value.IsSealed && !value.IsArray ? Between(value, target) : new LikelyConverter(value, Between(value, target));
    }

    /// <summary>The rules from the version of a type, or of one that it mentions.</summary>
    public ShapeRules RulesFrom(Type type)
    {
        if (VersionOf(type) is not { } version)
        {
            return WithoutSource;
        }

        var rules = _rules.GetValue(version, version => new ShapeRules(LoadedShapes.Of(version, type), _shapes) { IsWayDown = IsNewer(version) });

        // A type is known by its name and its assembly. Names are enough where each stands for one type.
        return (rules.From.HasNamesakes || rules.To.HasNamesakes) && CodeVersion.Of(type.Assembly) is { Assemblies.Count: > 0 }
            ? _rulesOfAssemblies.GetValue(type.Assembly, assembly => new(
                LoadedShapes.With(CodeVersion.Of(assembly)!, assembly.GetName().Name), LoadedShapes.With(_target, assembly.GetName().Name))
            { IsWayDown = rules.IsWayDown })
            : rules;
    }

    // A version that is gone back to was loaded before.
    private bool IsNewer(CodeVersion version) => _reach.TryGetValue(version.Application, out var reached) && version.Number > reached.Number;

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
                : type.IsByRef ? element.MakeByRefType()
                : type.IsPointer ? element.MakePointerType()
                : type;
        }

        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;

        if (IsOfAnotherDefinition(definition))
        {
            var shape = RulesFrom(definition).From.Find(definition.FullName!);
            definition = shape is null || RulesFrom(definition).Namesake(shape) is not { } namesake ? null
                : Namesake(definition.Assembly)?.GetType(namesake.Name) ?? Find(namesake.Name);
        }

        if (definition is null || !type.IsGenericType || type.IsGenericTypeDefinition)
        {
            return definition;
        }

        var arguments = type.GetGenericArguments().Select(Map).ToArray();
        return Array.TrueForAll(arguments, argument => argument is not null) && definition.GetGenericArguments().Length == arguments.Length
            ? Close(definition, arguments!)
            : null;
    }

    /// <summary>The type of a full name in the target version or in what it uses.</summary>
    public Type? Find(string fullName) => _reach.Values.Select(version => version.FindType(fullName)).FirstOrDefault(type => type is not null);

    // A constraint may have come.
    private static Type? Close(Type definition, Type[] arguments)
    {
        try
        {
            return definition.MakeGenericType(arguments);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private bool IsOfAnother(object value) => value switch
    {
        Type type => MentionsAnother(type),
        MethodInfo { IsGenericMethod: true } method => MentionsAnother(method.DeclaringType) || Array.Exists(method.GetGenericArguments(), MentionsAnother),
        MemberInfo member => MentionsAnother(member.DeclaringType),
        ParameterInfo parameter => IsOfAnother(parameter.Member),
        Assembly assembly => IsOfAnother(assembly),
        Module module => IsOfAnother(module.Assembly),
        Delegate call => MentionsAnother(call.GetType()) || Array.Exists(call.GetInvocationList(), part => IsOfAnother(part.Method)),
        _ => MentionsAnother(value.GetType()),
    };

    /// <summary>Whether a type is of another version than the target knows, or mentions one that is.</summary>
    public bool MentionsAnother(Type? type) => type is not null && (type.HasElementType
        ? MentionsAnother(type.GetElementType()!)
        : IsOfAnotherDefinition(type) || (type.IsGenericType && Array.Exists(type.GetGenericArguments(), MentionsAnother)));

    /// <summary>The assembly of the same name in the version that the target knows; null if there is none.</summary>
    public Assembly? Namesake(Assembly assembly) => CodeVersion.Of(assembly) is { } version && _reach.TryGetValue(version.Application, out var target)
        ? target.Assemblies.FirstOrDefault(other => other.GetName().Name == assembly.GetName().Name)
        : assembly;

    private bool IsOfAnotherDefinition(Type type) => IsOfAnother(type.Assembly);

    private bool IsOfAnother(Assembly assembly) =>
        CodeVersion.Of(assembly) is { } version && _reach.TryGetValue(version.Application, out var target) && target != version;

    // What is proven to hold nothing of hot code; and, where copies are made, not to change.
    private bool Passes(Type place) => Closed.IsPlace(place) && (!Copies || Unchanging.IsPlace(place));

    // The version that a type comes from: of all that it mentions the one that is not the target's, and of those the one that
    // uses the others.
    private CodeVersion? VersionOf(Type type) => CodeVersion.Mentioned(type)
        .OrderByDescending(version => !_reach.Values.Contains(version))
        .ThenByDescending(version => LoadedShapes.Reach(version).Count)
        .FirstOrDefault();

    private Converter Create(Type type)
    {
        if (type.IsAssignableTo(typeof(IWireComparer)))
        {
            return new WireComparerConverter();
        }

        if (type.IsAssignableTo(typeof(Delegate)))
        {
            return new DelegateConverter(type);
        }

        if (type.IsAssignableTo(typeof(MemberInfo)) || type.IsAssignableTo(typeof(ParameterInfo)) || type.IsAssignableTo(typeof(Assembly)) || type.IsAssignableTo(typeof(Module)))
        {
            return new MemberConverter();
        }

        if (type == typeof(Thread))
        {
            return new RefusingConverter(Unmovable.Thread);
        }

        return MentionsAnother(type) ? Foreign(type)
            : LoadedTypes.IsHot(type) ? Hot(type)
            : Shared(type);
    }

    private Converter Foreign(Type type)
    {
        if (Unmovable.Find(type) is { } refusal)
        {
            return new RefusingConverter(refusal);
        }

        if (Comparers.DefaultOf(type, this) is { } comparer)
        {
            return new ConstantConverter(comparer);
        }

        if (Unmovable.IsList(type))
        {
            return ListConverter.For(type, this);
        }

        // What runs a task is .NET's own affair; what it brings is of a type that has a name.
        if (type.IsAssignableTo(typeof(Task)) && SharedConverters.RowOf(type) is (_, var task) && Map(task) is { } ended && SharedConverters.Between(type, ended, this) is { } awaited)
        {
            return awaited;
        }

        return Map(type) is { } to ? Between(type, to) : new RefusingConverter(new(
            LoadedTypes.Say(type), null, "is gone from the new version, but a value of it is still in use",
            RulesFrom(type) is var rules && rules.From.Find(LoadedTypes.DefinitionName(type)) is { } gone ? Advice.Gone(rules, gone) : "Keep the type."));
    }

    // Of the target version itself, or of an application that has not changed. What the target has made holds nothing of another version,
    // as that would have come in by the door; what an application beside it has may come from old code.
    private Converter Hot(Type type) =>
        type.IsEnum || (!Copies && (CodeVersion.Of(type) == _target || Reach.TypesOf(type)?.Any(MentionsAnother) == false)) ? PassConverter.Instance : new SameConverter(type);

    private Converter Shared(Type type) =>
        Closed.Value(type) && (!Copies || Unchanging.Value(type)) ? PassConverter.Instance
        : Live.Is(type) ? Live.CallsBack(type) ? new LiveConverter(type) : PassConverter.Instance
        : SharedConverters.Between(type, type, this) ?? new LookConverter(type);

    private Converter Create(Type from, Type to)
    {
        if (MentionsAnother(from) && Unmovable.Find(from) is { } unmovable)
        {
            return new RefusingConverter(unmovable);
        }

        // A place that has become wider than what stands in it.
        if (Map(from) is { } natural && natural != to && to.IsAssignableFrom(natural) && !to.IsValueType)
        {
            return For(from);
        }

        if (SharedConverters.Between(from, to, this) is { } shared)
        {
            return shared;
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
                Advice.Between(rules, LoadedTypes.NameOf(from), LoadedTypes.NameOf(to)))),

            // Not by its own type: that is what has led here.
            _ when to == Map(from) && !LoadedTypes.IsHot(from) => new LookConverter(from),
            _ => new RefusingConverter(new(
                LoadedTypes.Say(from), null, $"is a value that {Wording.One(to)} cannot be, but it is still in use",
                Advice.Between(rules, LoadedTypes.NameOf(from), LoadedTypes.NameOf(to)))),
        };
    }

    private static Converter Hot(ShapeRules rules, Type from, Type to)
    {
        var (old, now) = (rules.From.Find(LoadedTypes.DefinitionName(from))!, rules.To.Find(LoadedTypes.DefinitionName(to))!);
        var route = rules.Route(old, now);
        return route.IsWritten ? new WrittenConverter(route, from, to) : ShapeConverter.Of(rules.Change(old, now), from, to);
    }
}
