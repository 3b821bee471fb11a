using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Midflight.Releases;

/// <summary>Turns handles and signatures of one assembly's metadata into type names.</summary>
/// <param name="metadata">The metadata.</param>
/// <param name="seen">Called for every type that is named, with the assembly (null for this one) and the full name.</param>
internal sealed class TypeNames(MetadataReader metadata, Action<string?, string>? seen = null) : ISignatureTypeProvider<TypeName, object?>
{
    public static string FullName(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        var name = metadata.GetString(type.Name);
        return type.GetDeclaringType() is { IsNil: false } outer
            ? $"{FullName(metadata, outer)}+{name}"
            : Join(metadata.GetString(type.Namespace), name);
    }

    public static string FullName(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        var name = metadata.GetString(type.Name);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? $"{FullName(metadata, (TypeReferenceHandle)type.ResolutionScope)}+{name}"
            : Join(metadata.GetString(type.Namespace), name);
    }

    public TypeName Of(EntityHandle handle) => handle.Kind switch
    {
        HandleKind.TypeDefinition => GetTypeFromDefinition(metadata, (TypeDefinitionHandle)handle, 0),
        HandleKind.TypeReference => GetTypeFromReference(metadata, (TypeReferenceHandle)handle, 0),
        HandleKind.TypeSpecification => metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null),
        _ => new TypeName.Bound(handle.Kind.ToString()),
    };

    public TypeName GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
    {
        var name = FullName(reader, handle);
        seen?.Invoke(null, name);
        return new TypeName.Named(name) { IsValueType = rawTypeKind == (byte)SignatureTypeKind.ValueType };
    }

    public TypeName GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
    {
        var name = FullName(reader, handle);
        seen?.Invoke(AssemblyOf(handle), name);
        return new TypeName.Named(name) { IsValueType = rawTypeKind == (byte)SignatureTypeKind.ValueType };
    }

    public TypeName GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public TypeName GetPrimitiveType(PrimitiveTypeCode typeCode) => new TypeName.Named($"System.{typeCode}")
    {
        IsValueType = typeCode is not (PrimitiveTypeCode.String or PrimitiveTypeCode.Object),
    };

    public TypeName GetGenericInstantiation(TypeName genericType, ImmutableArray<TypeName> typeArguments) =>
        genericType is TypeName.Named named ? named with { Arguments = typeArguments } : genericType;

    public TypeName GetArrayType(TypeName elementType, ArrayShape shape) => new TypeName.Array(elementType, shape.Rank);

    public TypeName GetSZArrayType(TypeName elementType) => new TypeName.Array(elementType);

    public TypeName GetGenericTypeParameter(object? genericContext, int index) => new TypeName.Parameter(index);

    public TypeName GetGenericMethodParameter(object? genericContext, int index) => new TypeName.Bound($"!!{index}");

    public TypeName GetByReferenceType(TypeName elementType) => new TypeName.Bound($"ref {elementType}");

    public TypeName GetPointerType(TypeName elementType) => new TypeName.Bound($"{elementType}*");

    public TypeName GetFunctionPointerType(MethodSignature<TypeName> signature) =>
        new TypeName.Bound($"delegate*<{string.Join(", ", signature.ParameterTypes.Append(signature.ReturnType))}>");

    public TypeName GetPinnedType(TypeName elementType) => elementType;

    public TypeName GetModifiedType(TypeName modifier, TypeName unmodifiedType, bool isRequired) => unmodifiedType;

    private string? AssemblyOf(TypeReferenceHandle handle)
    {
        var scope = metadata.GetTypeReference(handle).ResolutionScope;
        return scope.Kind switch
        {
            HandleKind.TypeReference => AssemblyOf((TypeReferenceHandle)scope),
            HandleKind.AssemblyReference =>
                metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)scope).Name),
            _ => null,
        };
    }

    private static string Join(string space, string name) => space.Length == 0 ? name : $"{space}.{name}";
}
