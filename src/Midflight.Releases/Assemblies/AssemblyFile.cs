using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Midflight.Releases;

/// <summary>What metadata says of one assembly. It is read whole; no code of it is loaded or run.</summary>
/// <param name="Name">Simple name of the assembly.</param>
/// <param name="Version">Its informational version without the part behind a plus sign, or else its assembly version.</param>
public sealed record AssemblyFile(string Name, string Version)
{
    /// <summary>Simple names of the assemblies that it uses.</summary>
    public ImmutableArray<string> References { get; init; } = [];

    /// <summary>What its project says that it is; empty if nothing.</summary>
    public string Description { get; init; } = "";

    /// <summary>Its types: those of a file or namespace; nested ones belong to the type around them.</summary>
    public ImmutableArray<TypeEntry> Types { get; init; } = [];

    /// <summary>The shapes of its types and the conversions written in it.</summary>
    public required AssemblyShapes Shapes { get; init; }

    /// <summary>Reads an assembly.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="BadImageFormatException">The file is no .NET assembly.</exception>
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

/// <summary>A type of an assembly with all that is nested in it.</summary>
/// <param name="FullName">Its full name.</param>
/// <param name="Hash">A hash of its code and metadata, with names for all that it mentions. It does not change when only something else does.</param>
public sealed record TypeEntry(string FullName, string Hash)
{
    /// <summary>The version of <c>[Vsn]</c>, or null.</summary>
    public string? Vsn { get; init; }

    /// <summary>What it derives from; null for an interface.</summary>
    public TypeName? Parent { get; init; }

    /// <summary>Whether other assemblies see it.</summary>
    public bool IsPublic { get; init; }

    /// <summary>Whether it is abstract and not static.</summary>
    public bool IsAbstract { get; init; }

    /// <summary>Whether it is static.</summary>
    public bool IsStatic { get; init; }

    /// <summary>Whether it has a <c>CodeChange</c> of its own.</summary>
    internal bool ChangesCode { get; init; }

    /// <summary>The types that its code mentions, nested ones by the type around them: assembly (null for its own) and full name.</summary>
    public ImmutableArray<(string? Assembly, string FullName)> Uses { get; init; } = [];
}
