using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Midflight.Releases;

/// <summary>The shapes of all types of one assembly, and the conversions written in it.</summary>
/// <param name="Shapes">Every type, those that the compiler made included.</param>
/// <param name="Conversions">Every method marked <c>[Convert]</c>.</param>
public sealed record AssemblyShapes(ImmutableArray<Shape> Shapes, ImmutableArray<WrittenConversion> Conversions)
{
    /// <summary>Reads them from metadata; no code of the assembly is loaded or run.</summary>
    /// <param name="metadata">The metadata of the assembly.</param>
    /// <param name="il">Gives the instructions of a method, or null if it has none.</param>
    public static AssemblyShapes Read(MetadataReader metadata, Func<MethodDefinitionHandle, byte[]?> il)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        ArgumentNullException.ThrowIfNull(il);
        var reader = new ShapeReader(metadata, il);
        var types = metadata.TypeDefinitions.Where(handle => !metadata.GetTypeDefinition(handle).BaseType.IsNil
            || (metadata.GetTypeDefinition(handle).Attributes & System.Reflection.TypeAttributes.Interface) != 0).ToList();
        return new([.. types.Select(reader.Shape)], [.. types.SelectMany(reader.Conversions)]);
    }
}
