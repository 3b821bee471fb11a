using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Midflight.Releases;

/// <summary>The metadata of one assembly. The file is read completely, but no code in it is loaded or run.</summary>
/// <param name="Name">Simple name of the assembly.</param>
/// <param name="Version">Its informational version without the part after a plus sign, or else its assembly version.</param>
public sealed record AssemblyFile(string Name, string Version)
{
    /// <summary>Simple names of the assemblies that it uses.</summary>
    public ImmutableArray<string> References { get; init; } = [];

    /// <summary>The description in its project; empty if there is none.</summary>
    public string Description { get; init; } = "";

    /// <summary>Its top-level types. Nested types belong to the type that encloses them.</summary>
    public ImmutableArray<TypeEntry> Types { get; init; } = [];

    /// <summary>The shapes of its types and its handwritten conversions.</summary>
    public required AssemblyShapes Shapes { get; init; }

    /// <summary>Reads an assembly.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="BadImageFormatException">The file is not a .NET assembly.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static AssemblyFile Read(string path) => Read(ImmutableArray.Create(File.ReadAllBytes(path)));

    /// <inheritdoc cref="Read(string)"/>
    /// <param name="image">The bytes of the file.</param>
    public static AssemblyFile Read(ImmutableArray<byte> image)
    {
        var file = new PEReader(image);
        var metadata = file.GetMetadataReader();
        var assembly = metadata.GetAssemblyDefinition();
        var attributes = assembly.GetCustomAttributes();

        return new(metadata.GetString(assembly.Name), Informational(metadata, attributes) ?? assembly.Version.ToString(3))
        {
            References = [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))],
            Description = Attributes.Text(metadata, attributes, "System.Reflection.AssemblyDescriptionAttribute") ?? "",
            Types = new TypeEntryReader(metadata, method => Body(file, metadata, method)).Types(),
            Shapes = AssemblyShapes.Read(new ImageCode(file)),
        };
    }

    private static string? Informational(MetadataReader metadata, CustomAttributeHandleCollection attributes) =>
        Attributes.Text(metadata, attributes, "System.Reflection.AssemblyInformationalVersionAttribute")?.Split('+')[0];

    private static MethodBodyBlock? Body(PEReader file, MetadataReader metadata, MethodDefinitionHandle method) =>
        metadata.GetMethodDefinition(method).RelativeVirtualAddress is var address and not 0 ? file.GetMethodBody(address) : null;
}

/// <summary>A type of an assembly with all its nested types.</summary>
/// <param name="FullName">Its full name.</param>
/// <param name="Hash">A hash of its code and metadata, with names for everything that it mentions. It changes only when the type itself does.</param>
public sealed record TypeEntry(string FullName, string Hash)
{
    /// <summary>The version from <c>[Vsn]</c>, or null.</summary>
    public string? Vsn { get; init; }

    /// <summary>The type that it derives from; null for an interface.</summary>
    public TypeName? Parent { get; init; }

    /// <summary>Whether it is visible to other assemblies.</summary>
    public bool IsPublic { get; init; }

    /// <summary>Whether it is abstract and not static.</summary>
    public bool IsAbstract { get; init; }

    /// <summary>Whether it is static.</summary>
    public bool IsStatic { get; init; }

    /// <summary>Whether it has its own <c>CodeChange</c>.</summary>
    internal bool ChangesCode { get; init; }

    /// <summary>The types that its code mentions, as assembly (null for its own) and full name. A nested type counts as its enclosing type.</summary>
    public ImmutableArray<(string? Assembly, string FullName)> Uses { get; init; } = [];
}
