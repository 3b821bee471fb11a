using System.Reflection;
using System.Runtime.CompilerServices;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Chooses how values of a type are written.</summary>
internal static class WireCodecs
{
    // Nothing but their fields, of which each combination is harmless: a Memory or a ValueTask of wrong fields reads foreign memory.
    private static readonly HashSet<string> s_fields =
    [
        "System.Collections.Generic.KeyValuePair`2", "System.Runtime.CompilerServices.StrongBox`1",
        "System.Collections.ObjectModel.Collection`1", "System.Collections.ObjectModel.ObservableCollection`1",
        "System.Collections.ObjectModel.ReadOnlyCollection`1", "System.Collections.ObjectModel.ReadOnlyDictionary`2", "System.Collections.ObjectModel.ReadOnlySet`1",
        "Midflight.Table`2", "Midflight.Down", "Midflight.Exited", "Midflight.HandlerRemoved", "Midflight.RegistryEntry", "Midflight.Via", "Midflight.ServerRef",
    ];

    private static readonly (string, object)[] s_oldComparers =
    [
        ("default", System.Collections.Comparer.Default), ("invariant", System.Collections.Comparer.DefaultInvariant),
    ];

    private static readonly (string, object)[] s_comparers =
    [
        ("ordinal", StringComparer.Ordinal), ("ordinal, ignoring case", StringComparer.OrdinalIgnoreCase),
        ("invariant", StringComparer.InvariantCulture), ("invariant, ignoring case", StringComparer.InvariantCultureIgnoreCase),
    ];

    public static WireCodec Create(Type type)
    {
        if (WireLeaf.Find(type) is { } leaf)
        {
            return new LeafCodec(leaf);
        }

        if (type.IsEnum)
        {
            return WireLeaf.Find(Enum.GetUnderlyingType(type)) is { Code: <= 9 } ? new EnumCodec(type) : Refuse(type, "is an enum that is not stored as an integer");
        }

        if (type.IsArray)
        {
            return new ArrayCodec(type);
        }

        if (type == typeof(StringComparer))
        {
            return new OneOfCodec(s_comparers);
        }

        if (type == typeof(System.Collections.Comparer))
        {
            return new OneOfCodec(s_oldComparers);
        }

        if (WireNormal.IsDefaultComparer(type))
        {
            return new OneOfCodec(("default", type.GetProperty("Default", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!));
        }

        if (!LoadedTypes.IsHot(type) && type.FullName is { } name && s_fields.Contains(LoadedTypes.DefinitionName(type)))
        {
            return new FieldsCodec(type);
        }

        if (Live.Is(type))
        {
            return new TokenCodec(type);
        }

        return LoadedTypes.IsHot(type) ? Hot(type) : Shared(type);
    }

    private static WireCodec Hot(Type type) =>
        type.IsAssignableTo(typeof(Delegate)) ? Refuse(type, "is a function", "Hold a name or a number instead, by which the function is found.")
        : Unmovable.Find(type) is { } refusal ? new RefusingCodec(refusal)
        : type.IsAssignableTo(typeof(Exception)) ? Refuse(type, "is an exception", "Hold what you need to know of it instead.")
        : type.IsAbstract || type.IsInterface || type.ContainsGenericParameters ? Refuse(type, "is a type that has no values")
        : type.IsExplicitLayout || type.GetCustomAttribute<InlineArrayAttribute>() is not null || Unmovable.IsBuffer(type) || type.IsByRefLike
            ? Refuse(type, "has overlapping members or a field with room for many values", "Hold an ordinary struct or an array.")
        : LoadedTypes.SharedFields(type).FirstOrDefault(field => !IsKnown(field.DeclaringType!)) is { } field
            ? Refuse(type, $"derives from {LoadedTypes.Say(field.DeclaringType!)}, whose fields cannot be written", $"Hold a {LoadedTypes.Say(field.DeclaringType!)} in a member instead.")
        : Closed.Fields(type).FirstOrDefault(field => field.FieldType.IsPointer || field.FieldType.IsFunctionPointer || field.FieldType.IsByRefLike) is { } pointer
            ? Refuse(type, $"holds a pointer in {Wording.Member(pointer)}", "Hold an array.")
        : new FieldsCodec(type);

    private static WireCodec Shared(Type type)
    {
        if (type.IsAssignableTo(typeof(Delegate)))
        {
            return Refuse(type, "is a function", "Hold a name or a number instead, by which the function is found.");
        }

        if (Nullable.GetUnderlyingType(type) is not null)
        {
            return Refuse(type, "is a type that has no values");
        }

        if (SharedConverters.RowOf(type) is var (_, row) && row == type && SharedConverters.FormOf(type) is var (_, form, parts, _))
        {
            return new CollectionCodec(type, form, parts);
        }

        return HolderCodecs.Of(type) ?? (FieldPlan.IsTuple(type) ? new FieldsCodec(type) : Refuse(type, "is a type of .NET or of a package without a wire form"));
    }

    private static bool IsKnown(Type parent) => SharedConverters.RowOf(parent) is ({ MayBeParent: true } rule, var row) && row == parent
        && (rule.Family != SharedFamily.Fields || s_fields.Contains(rule.FullName)) && rule.FullName != "System.Exception";

    private static RefusingCodec Refuse(Type type, string why, string what = "Hold what you need to know of it in your own types or in .NET collections.") =>
        new(new(LoadedTypes.Say(type), null, why + ", and cannot be written", what));
}

/// <summary>What is written for objects whose exact type is nobody's business.</summary>
internal static class WireNormal
{
    /// <summary>The type by which a value is written, and what is written for it.</summary>
    public static Type Of(ref object value)
    {
        var type = value.GetType();

        if (LoadedTypes.IsHot(type) && Unmovable.IsList(type))
        {
            var list = (System.Collections.ICollection)value;
            var array = Array.CreateInstance(type.GetGenericArguments()[0], list.Count);
            list.CopyTo(array, 0);
            value = array;
            return array.GetType();
        }

        return s_types.GetValue(type, Find);
    }

    /// <summary>Whether it stands for what .NET compares values of a type with where nothing else is said.</summary>
    public static bool IsDefaultComparer(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() is var open && (open == typeof(EqualityComparer<>) || open == typeof(Comparer<>));

    private static readonly ConditionalWeakTable<Type, Type> s_types = [];

    private static Type Find(Type type)
    {
        if (LoadedTypes.IsHot(type) || type.IsArray || type.IsPrimitive || type == typeof(string))
        {
            return type;
        }

        if (type.IsAssignableTo(typeof(StringComparer)) && type.Assembly == typeof(StringComparer).Assembly)
        {
            return typeof(StringComparer);
        }

        for (var at = type.BaseType; at is not null; at = at.BaseType)
        {
            if (IsDefaultComparer(at) && at.GetProperty("Default", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!.GetType() == type)
            {
                return at;
            }
        }

        return WireLeaf.Find(type) is { } leaf ? leaf.Type
            : SharedConverters.RowOf(type) is var (rule, row) && (rule.Family is SharedFamily.Set or SharedFamily.Map || rule.FullName == "System.Threading.Tasks.Task`1") ? row
            : type;
    }
}
