using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Midflight.Releases;

/// <summary>Reads the shape of one type after another from the metadata of an assembly.</summary>
internal sealed class ShapeReader(MetadataReader metadata)
{
    private const string Generated = "System.Runtime.CompilerServices.CompilerGeneratedAttribute";
    private const string Required = "System.Runtime.CompilerServices.RequiredMemberAttribute";

    private const string TupleNames = "System.Runtime.CompilerServices.TupleElementNamesAttribute";

    private readonly TypeNames _names = new(metadata);

    public Shape Shape(TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        var name = TypeNames.FullName(metadata, handle);
        var parent = type.BaseType.IsNil ? null : _names.Of(type.BaseType);
        var attributes = type.GetCustomAttributes();
        var earlier = Attributes.Shape(metadata, attributes);
        var kind = KindOf(type, parent);
        var shape = new Shape(name, kind)
        {
            Parent = kind is ShapeKind.Class && parent is not TypeName.Named { FullName: "System.Object" } ? parent : null,
            Interfaces = [.. type.GetInterfaceImplementations().Select(implementation => _names.Of(metadata.GetInterfaceImplementation(implementation).Interface))],
            Parameters = type.GetGenericParameters().Count,
            IsSealed = type.Attributes.HasFlag(TypeAttributes.Sealed),
            IsAbstract = type.Attributes.HasFlag(TypeAttributes.Abstract),
            IsPrivate = (type.Attributes & TypeAttributes.VisibilityMask) is TypeAttributes.NestedPrivate or TypeAttributes.NestedFamily or TypeAttributes.NestedFamANDAssem,
            // The compiler marks anonymous types too, but those are values like others.
            IsGenerated = IsMarked(handle) && name.Contains('<', StringComparison.Ordinal)
                && !name.Contains("AnonymousType", StringComparison.Ordinal) && !name.EndsWith(">e__FixedBuffer", StringComparison.Ordinal),
            Dropped = [.. Attributes.Texts(metadata, attributes, "Midflight.DroppedAttribute", 0).SelectMany(names => names)],
            Renamed = [.. Attributes.Texts(metadata, attributes, "Midflight.RenamedAttribute", 2).Select(names => (names[0], names[1]))],
            Version = earlier?.Version,
            EarlierOf = earlier is null ? null : earlier.Value.Name ?? OuterName(type, name),
        };
        return kind switch
        {
            ShapeKind.Enum => shape with { Names = EnumNames(type), Underlying = EnumUnderlying(type) },
            ShapeKind.Class or ShapeKind.Struct when !shape.IsGenerated =>
                shape with { Members = Members(handle, type) },
            _ => shape,
        };
    }

    // What is within another one that the compiler made is not marked itself.
    private bool IsMarked(TypeDefinitionHandle handle)
    {
        for (var at = handle; !at.IsNil; at = metadata.GetTypeDefinition(at).GetDeclaringType())
        {
            if (Attributes.Has(metadata, metadata.GetTypeDefinition(at).GetCustomAttributes(), Generated))
            {
                return true;
            }
        }

        return false;
    }

    public IEnumerable<WrittenConversion> Conversions(TypeDefinitionHandle handle)
    {
        foreach (var methodHandle in metadata.GetTypeDefinition(handle).GetMethods())
        {
            var method = metadata.GetMethodDefinition(methodHandle);

            if (!method.Attributes.HasFlag(MethodAttributes.Static)
                || !Attributes.Has(metadata, method.GetCustomAttributes(), "Midflight.ConvertAttribute"))
            {
                continue;
            }

            var signature = method.DecodeSignature(_names, null);

            if (signature is { GenericParameterCount: 0, ParameterTypes: [var from] })
            {
                var type = TypeNames.FullName(metadata, handle);
                yield return new(from, signature.ReturnType, $"{type.Replace('+', '.')}.{metadata.GetString(method.Name)}")
                {
                    Type = type,
                    Token = MetadataTokens.GetToken(methodHandle),
                };
            }
        }
    }

    private static ShapeKind KindOf(TypeDefinition type, TypeName? parent) => (parent as TypeName.Named)?.FullName switch
    {
        _ when type.Attributes.HasFlag(TypeAttributes.Interface) => ShapeKind.Interface,
        "System.Enum" => ShapeKind.Enum,
        "System.ValueType" => ShapeKind.Struct,
        "System.MulticastDelegate" => ShapeKind.Delegate,
        _ => ShapeKind.Class,
    };

    private string OuterName(TypeDefinition type, string name) =>
        type.GetDeclaringType() is { IsNil: false } outer ? TypeNames.FullName(metadata, outer) : name;

    private ImmutableArray<KeyValuePair<string, long>> EnumNames(TypeDefinition type) =>
    [
        .. type.GetFields().Select(metadata.GetFieldDefinition)
            .Where(field => field.Attributes.HasFlag(FieldAttributes.Literal))
            .Select(field => KeyValuePair.Create(metadata.GetString(field.Name), Number(field.GetDefaultValue()))),
    ];

    private TypeName EnumUnderlying(TypeDefinition type) => type.GetFields().Select(metadata.GetFieldDefinition)
        .First(field => !field.Attributes.HasFlag(FieldAttributes.Static)).DecodeSignature(_names, null);

    private long Number(ConstantHandle handle) => ConstantOf(handle) switch
    {
        ulong value => unchecked((long)value),
        bool value => value ? 1 : 0,
        char value => value,
        var value => Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture),
    };

    private object? ConstantOf(ConstantHandle handle)
    {
        var constant = metadata.GetConstant(handle);
        return metadata.GetBlobReader(constant.Value).ReadConstant(constant.TypeCode);
    }

    private ImmutableArray<ShapeMember> Members(TypeDefinitionHandle handle, TypeDefinition type)
    {
        var required = type.GetProperties().Select(metadata.GetPropertyDefinition)
            .Where(property => Attributes.Has(metadata, property.GetCustomAttributes(), Required))
            .Select(property => metadata.GetString(property.Name)).ToHashSet();
        var members = ImmutableArray.CreateBuilder<ShapeMember>();

        foreach (var field in type.GetFields().Select(metadata.GetFieldDefinition))
        {
            if (field.Attributes.HasFlag(FieldAttributes.Static))
            {
                continue;
            }

            var fieldName = metadata.GetString(field.Name);
            var name = MemberName(fieldName);
            ImmutableArray<byte> nullability = Attributes.Nullable(metadata, field.GetCustomAttributes()) is { IsEmpty: false } noted ? noted : [Context(handle)];
            members.Add(new(name, field.DecodeSignature(_names, null))
            {
                Field = fieldName,
                TupleNames = [.. Attributes.Texts(metadata, field.GetCustomAttributes(), TupleNames, 0).SelectMany(names => names)],
                Nullability = nullability,
                AllowsNull = nullability[0] != 1,
                IsNullable = nullability[0] == 2,
                IsRequired = required.Contains(name) || Attributes.Has(metadata, field.GetCustomAttributes(), Required),
            });
        }

        return members.ToImmutable();
    }

    // `<User>k__BackingField` is the property User, `<user>P` the captured parameter user.
    private static string MemberName(string field) =>
        field.StartsWith('<') && field.IndexOf('>', StringComparison.Ordinal) is > 1 and var end ? field[1..end] : field;

    private byte Context(TypeDefinitionHandle handle)
    {
        for (var at = handle; !at.IsNil; at = metadata.GetTypeDefinition(at).GetDeclaringType())
        {
            if (Attributes.NullableContext(metadata, metadata.GetTypeDefinition(at).GetCustomAttributes()) is { } context)
            {
                return context;
            }
        }

        return 0;
    }
}
