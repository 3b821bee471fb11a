using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;

namespace Midflight.Releases;

/// <summary>Reads the types of an assembly, each with the hash of its code.</summary>
internal sealed class TypeEntryReader(MetadataReader metadata, Func<MethodDefinitionHandle, MethodBodyBlock?> body)
{
    private readonly TypeNames _names = new(metadata);
    private readonly Dictionary<string, CodeText.Generated> _generated = [];

    public ImmutableArray<TypeEntry> Types()
    {
        var types = ImmutableArray.CreateBuilder<TypeEntry>();

        foreach (var handle in metadata.TypeDefinitions)
        {
            var type = metadata.GetTypeDefinition(handle);
            var name = metadata.GetString(type.Name);

            // Compiler-generated types count where they are used.
            if (type.GetDeclaringType().IsNil && !name.StartsWith("<Module>", StringComparison.Ordinal)
                && !Attributes.Has(metadata, type.GetCustomAttributes(), "Microsoft.CodeAnalysis.EmbeddedAttribute"))
            {
                types.Add(Entry(handle, type));
            }
        }

        return types.ToImmutable();
    }

    private TypeEntry Entry(TypeDefinitionHandle handle, TypeDefinition type)
    {
        var code = new CodeText(metadata, body, _generated);
        var isStatic = type.Attributes.HasFlag(TypeAttributes.Abstract | TypeAttributes.Sealed);
        return new(TypeNames.FullName(metadata, handle), code.Hash(handle))
        {
            Vsn = Attributes.Text(metadata, type.GetCustomAttributes(), "Midflight.VsnAttribute"),
            Parent = type.BaseType.IsNil ? null : _names.Of(type.BaseType),
            IsPublic = (type.Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public,
            IsStatic = isStatic,
            ChangesCode = type.GetMethods().Any(method => metadata.StringComparer.Equals(metadata.GetMethodDefinition(method).Name, "CodeChange")),
            IsAbstract = type.Attributes.HasFlag(TypeAttributes.Abstract) && !isStatic,
            Uses = [.. code.Uses.Order()],
        };
    }
}
