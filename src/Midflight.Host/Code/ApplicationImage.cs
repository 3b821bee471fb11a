using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>One version of an application, ready to load: its assemblies, in memory.</summary>
/// <param name="Name">The application's name.</param>
/// <param name="Release">The application's version as its project states it, such as 0.2.0.</param>
/// <param name="Assemblies">Its own assemblies. Each version loads them again.</param>
public sealed record ApplicationImage(string Name, string Release, ImmutableArray<AssemblyImage> Assemblies)
{
    /// <summary>Packages that only this application brings. Versions share them as long as they do not change.</summary>
    public ImmutableArray<AssemblyImage> Libraries { get; init; } = [];

    /// <summary>How its code versions are kept. Default: <see cref="KeepMode.Unloadable"/>.</summary>
    public KeepMode Keep { get; init; } = KeepMode.Unloadable;

    /// <summary>The vsn of each module by full type name, as far as the release states it. The code server works out the others.</summary>
    public IReadOnlyDictionary<string, string> Vsns { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The folder that its assemblies were read from; null if they did not come from files.</summary>
    internal string? Folder { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Release}";
}

/// <summary>An assembly as bytes, so that no file on disk is ever locked.</summary>
public sealed class AssemblyImage
{
    private AssemblyImage(string name, Guid id, ImmutableArray<string> references, byte[] bytes, byte[]? symbols) =>
        (Name, Id, References, Bytes, Symbols) = (name, id, references, bytes, symbols);

    /// <summary>The assembly's simple name.</summary>
    public string Name { get; }

    /// <summary>The module version id: it differs between different builds.</summary>
    public Guid Id { get; }

    /// <summary>Simple names of the assemblies that it refers to.</summary>
    public ImmutableArray<string> References { get; }

    internal byte[] Bytes { get; }

    internal byte[]? Symbols { get; }

    /// <summary>Takes an assembly and its debug symbols, if it has any.</summary>
    /// <exception cref="BadImageFormatException"><paramref name="bytes"/> is not a .NET assembly.</exception>
    public static AssemblyImage Of(byte[] bytes, byte[]? symbols = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        using var file = new PEReader(ImmutableArray.Create(bytes));

        if (!file.HasMetadata || file.GetMetadataReader() is not { IsAssembly: true } metadata)
        {
            throw new BadImageFormatException("It contains native code or a module without a manifest, not a .NET assembly.");
        }

        return new(
            metadata.GetString(metadata.GetAssemblyDefinition().Name),
            metadata.GetGuid(metadata.GetModuleDefinition().Mvid),
            [.. metadata.AssemblyReferences.Select(reference => metadata.GetString(metadata.GetAssemblyReference(reference).Name))],
            bytes,
            symbols);
    }

    /// <summary>Reads an assembly, and the <c>.pdb</c> beside it if there is one.</summary>
    /// <exception cref="BadImageFormatException">The file is not a .NET assembly.</exception>
    public static AssemblyImage Read(string file)
    {
        var symbols = Path.ChangeExtension(file, ".pdb");
        return Of(File.ReadAllBytes(file), File.Exists(symbols) ? File.ReadAllBytes(symbols) : null);
    }

    /// <summary>Full names of the types that it defines at the top level.</summary>
    internal IEnumerable<string> TopLevelTypes()
    {
        using var file = new PEReader(ImmutableArray.Create(Bytes));
        var metadata = file.GetMetadataReader();

        foreach (var handle in metadata.TypeDefinitions)
        {
            var type = metadata.GetTypeDefinition(handle);

            if (!type.IsNested)
            {
                var space = metadata.GetString(type.Namespace);
                yield return space.Length == 0 ? metadata.GetString(type.Name) : $"{space}.{metadata.GetString(type.Name)}";
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
