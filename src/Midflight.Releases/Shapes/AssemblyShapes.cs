using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>The shapes of all types of one assembly, and the conversions written in it.</summary>
/// <param name="Shapes">Every type, those that the compiler made included.</param>
/// <param name="Conversions">Every method marked <c>[Convert]</c>.</param>
public sealed record AssemblyShapes(ImmutableArray<Shape> Shapes, ImmutableArray<WrittenConversion> Conversions)
{
    /// <summary>The code of the assembly, for what its constructors declare.</summary>
    internal AssemblyCode? Code { get; private init; }

    /// <summary>Reads them from metadata; no code of the assembly is loaded or run.</summary>
    internal static AssemblyShapes Read(AssemblyCode code)
    {
        var metadata = code.Open()!.Metadata;
        var reader = new ShapeReader(metadata);
        var types = metadata.TypeDefinitions.Where(handle => !metadata.GetTypeDefinition(handle).BaseType.IsNil
            || (metadata.GetTypeDefinition(handle).Attributes & System.Reflection.TypeAttributes.Interface) != 0).ToList();
        return new([.. types.Select(reader.Shape)], [.. types.SelectMany(reader.Conversions)]) { Code = code };
    }
}
