using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Midflight.Releases;

/// <summary>Finds custom attributes in metadata and reads the few forms needed here.</summary>
internal static class Attributes
{
    /// <summary>The value of the attribute with this full name, or null if there is none.</summary>
    public static BlobReader? Find(MetadataReader metadata, CustomAttributeHandleCollection attributes, string fullName)
    {
        foreach (var handle in attributes)
        {
            var attribute = metadata.GetCustomAttribute(handle);

            if (NameOf(metadata, attribute) == fullName)
            {
                return metadata.GetBlobReader(attribute.Value);
            }
        }

        return null;
    }

    public static bool Has(MetadataReader metadata, CustomAttributeHandleCollection attributes, string fullName) =>
        Find(metadata, attributes, fullName) is not null;

    /// <summary>The default of a <c>decimal</c> parameter, which a metadata constant cannot express.</summary>
    public static decimal? Decimal(MetadataReader metadata, CustomAttributeHandleCollection attributes)
    {
        if (Find(metadata, attributes, "System.Runtime.CompilerServices.DecimalConstantAttribute") is not { } blob)
        {
            return null;
        }

        blob.ReadUInt16();
        var (scale, isNegative) = (blob.ReadByte(), blob.ReadByte() != 0);
        var (high, middle, low) = (blob.ReadInt32(), blob.ReadInt32(), blob.ReadInt32());
        return new(low, middle, high, isNegative, scale);
    }

    /// <summary>The text arguments of each attribute with this full name. If the count is 0, the attribute takes an array of them.</summary>
    public static IEnumerable<string[]> Texts(MetadataReader metadata, CustomAttributeHandleCollection attributes, string fullName, int count)
    {
        foreach (var attribute in attributes.Select(metadata.GetCustomAttribute).Where(attribute => NameOf(metadata, attribute) == fullName))
        {
            var blob = metadata.GetBlobReader(attribute.Value);
            blob.ReadUInt16();
            var texts = new string[count > 0 ? count : Math.Max(0, blob.ReadInt32())];

            for (var i = 0; i < texts.Length; i++)
            {
                texts[i] = blob.ReadSerializedString() ?? "";
            }

            yield return texts;
        }
    }

    /// <summary>The first argument of an attribute that takes text.</summary>
    public static string? Text(MetadataReader metadata, CustomAttributeHandleCollection attributes, string fullName)
    {
        if (Find(metadata, attributes, fullName) is not { } blob)
        {
            return null;
        }

        blob.ReadUInt16();
        return blob.ReadSerializedString();
    }

    /// <summary>The version of <c>[Shape]</c>, and its name if there is one.</summary>
    public static (string Version, string? Name)? Shape(MetadataReader metadata, CustomAttributeHandleCollection attributes)
    {
        if (Find(metadata, attributes, "Midflight.ShapeAttribute") is not { } blob)
        {
            return null;
        }

        blob.ReadUInt16();
        var version = blob.ReadSerializedString() ?? "";

        if (blob.ReadUInt16() == 0)
        {
            return (version, null);
        }

        // One named argument: property, string, name, value.
        blob.ReadUInt16();
        blob.ReadSerializedString();
        return (version, blob.ReadSerializedString());
    }

    /// <summary>The compiler's notes on the nullability of each named type, from the outside in: 0 unknown, 1 never null, 2 may be null. A single byte applies to all. Empty if there are no notes.</summary>
    public static ImmutableArray<byte> Nullable(MetadataReader metadata, CustomAttributeHandleCollection attributes)
    {
        if (Find(metadata, attributes, "System.Runtime.CompilerServices.NullableAttribute") is not { } blob)
        {
            return [];
        }

        // Either one byte or an array of them, with two bytes before and after.
        var isArray = blob.Length > 5;
        blob.ReadUInt16();
        return isArray ? [.. blob.ReadBytes(Math.Max(0, blob.ReadInt32()))] : [blob.ReadByte()];
    }

    public static byte? NullableContext(MetadataReader metadata, CustomAttributeHandleCollection attributes)
    {
        if (Find(metadata, attributes, "System.Runtime.CompilerServices.NullableContextAttribute") is not { } blob)
        {
            return null;
        }

        blob.ReadUInt16();
        return blob.ReadByte();
    }

    public static string NameOf(MetadataReader metadata, CustomAttribute attribute)
    {
        var type = attribute.Constructor.Kind == HandleKind.MethodDefinition
            ? metadata.GetMethodDefinition((MethodDefinitionHandle)attribute.Constructor).GetDeclaringType()
            : metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent;
        return type.Kind switch
        {
            HandleKind.TypeDefinition => TypeNames.FullName(metadata, (TypeDefinitionHandle)type),
            HandleKind.TypeReference => TypeNames.FullName(metadata, (TypeReferenceHandle)type),
            _ => "",
        };
    }
}
