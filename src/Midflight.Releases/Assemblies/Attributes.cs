using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Midflight.Releases;

/// <summary>Finds custom attributes in metadata and reads the few forms that matter here.</summary>
internal static class Attributes
{
    /// <summary>The value of the attribute of this full name, or null if there is none.</summary>
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

    /// <summary>The number of a parameter whose default is a <c>decimal</c>, which no constant of metadata can be.</summary>
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

    /// <summary>The texts that each attribute of this full name is given; with a count of 0 it takes an array of them.</summary>
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

    /// <summary>The first argument of an attribute that takes a text.</summary>
    public static string? Text(MetadataReader metadata, CustomAttributeHandleCollection attributes, string fullName)
    {
        if (Find(metadata, attributes, fullName) is not { } blob)
        {
            return null;
        }

        blob.ReadUInt16();
        return blob.ReadSerializedString();
    }

    /// <summary>The version of <c>[Shape]</c>, and the name that it gives if it gives one.</summary>
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

    /// <summary>What the compiler notes on the nullability of each type that is named, from the outside in: 0 unknown, 1 never null, 2 may be null. One byte stands for all. Empty where it notes nothing.</summary>
    public static ImmutableArray<byte> Nullable(MetadataReader metadata, CustomAttributeHandleCollection attributes)
    {
        if (Find(metadata, attributes, "System.Runtime.CompilerServices.NullableAttribute") is not { } blob)
        {
            return [];
        }

        // Either one byte, or an array of them; two bytes before and two behind.
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
