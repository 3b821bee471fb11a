using System.Collections.Immutable;
using System.Reflection;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Finds the names of loaded types, and the types that names and members stand for.</summary>
internal static class LoadedTypes
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static bool IsHot(Type type) => CodeVersion.Of(type.Assembly) is not null;

    /// <summary>Whether a type is hot or has a hot type among its arguments or elements.</summary>
    public static bool MentionsHot(Type type) => type.HasElementType
        ? MentionsHot(type.GetElementType()!)
        : IsHot(type) || (type.IsGenericType && type.GetGenericArguments().Any(MentionsHot));

    public static TypeName NameOf(Type type) => type switch
    {
        { IsArray: true } => new TypeName.Array(NameOf(type.GetElementType()!), type.GetArrayRank()),
        { IsPointer: true } or { IsByRef: true } or { IsFunctionPointer: true } => new TypeName.Bound(type.ToString()),
        _ => new TypeName.Named(DefinitionName(type), [.. type.IsGenericType ? type.GetGenericArguments().Select(NameOf) : []])
        {
            IsValueType = type.IsValueType,
        },
    };

    public static string DefinitionName(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName ?? type.Name;

    /// <summary>How a person writes the type.</summary>
    public static string Say(Type type) => NameOf(type).ToString()!;

    /// <summary>The field of a member in a type or one of its ancestors.</summary>
    public static FieldInfo Field(Type type, PlacedMember placed)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            if (DefinitionName(at) == placed.DeclaredIn && at.GetField(placed.Member.Field, Own) is { } field)
            {
                return field;
            }
        }

        throw new MissingFieldException(type.FullName, placed.Member.Field);
    }

    /// <summary>The instance fields of the ancestors that are not hot, <see cref="object"/> and <see cref="Exception"/> aside.</summary>
    public static ImmutableArray<FieldInfo> SharedFields(Type type)
    {
        var fields = ImmutableArray.CreateBuilder<FieldInfo>();

        for (var at = type.BaseType; at is not null && at != typeof(object) && at != typeof(ValueType) && at != typeof(Exception); at = at.BaseType)
        {
            if (!IsHot(at))
            {
                fields.AddRange(at.GetFields(Own));
            }
        }

        return fields.ToImmutable();
    }
}
