using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using Midflight.Releases;
using AssemblyFile = Midflight.Releases.AssemblyFile;

namespace Midflight.Host;

/// <summary>The assemblies that hot code shares with the program around the node, so that both use the same types.</summary>
/// <remarks>
/// Shared assemblies are those that the program has too and whose code no process runs: a project of messages and interfaces. They
/// are taken from the program, whatever the release brings, and so change when the program is restarted.
/// </remarks>
internal static class SharedWithHost
{
    /// <summary>Removes from applications the assemblies that are shared.</summary>
    /// <param name="images">The applications.</param>
    /// <param name="others">Applications that are already loaded, in case <paramref name="images"/> refer to them.</param>
    /// <param name="has">Whether the program has an assembly of this simple name.</param>
    internal static ImmutableArray<ApplicationImage> Divide(
        IReadOnlyCollection<ApplicationImage> images, IEnumerable<ApplicationImage> others, Func<string, bool> has)
    {
        var names = images.Select(image => image.Name).ToHashSet();
        var hot = images.Concat(others.Where(other => !names.Contains(other.Name))).SelectMany(image => image.Assemblies).DistinctBy(assembly => assembly.Name).ToList();
        var shared = hot.Where(assembly => has(assembly.Name)).Select(assembly => assembly.Name).ToHashSet();

        if (shared.Count == 0)
        {
            return [.. images];
        }

        var files = hot.Select(assembly => AssemblyFile.Read(ImmutableCollectionsMarshal.AsImmutableArray(assembly.Bytes))).ToList();
        var code = new CodeSet(files);
        shared.ExceptWith(files.Where(file => IsRun(code, file)).Select(file => file.Name));

        // Whatever refers to hot code uses its types, so it is hot as well.
        while (hot.FirstOrDefault(assembly => shared.Contains(assembly.Name)
            && assembly.References.Any(reference => !shared.Contains(reference) && hot.Exists(other => other.Name == reference))) is { } bound)
        {
            shared.Remove(bound.Name);
        }

        return [.. images.Select(image => image with { Assemblies = image.Assemblies.RemoveAll(assembly => shared.Contains(assembly.Name)) })];
    }

    /// <summary>Describes something that an application was compiled against and that the program around the node does not have; null if there is none.</summary>
    /// <param name="image">The image that was loaded.</param>
    /// <param name="loaded">Its assemblies.</param>
    internal static string? Missing(ApplicationImage image, IEnumerable<Assembly> loaded)
    {
        var assemblies = loaded.ToDictionary(assembly => assembly.GetName().Name!);
        return image.Assemblies.Select(own => Missing(own, assemblies[own.Name].ManifestModule)).FirstOrDefault(missing => missing is not null);
    }

    private static string? Missing(AssemblyImage image, Module module)
    {
        using var file = new PEReader(ImmutableCollectionsMarshal.AsImmutableArray(image.Bytes));
        var metadata = file.GetMetadataReader();

        foreach (var (handle, type) in metadata.MemberReferences.Select(handle => (handle, metadata.GetMemberReference(handle).Parent)))
        {
            if (type.Kind == HandleKind.TypeReference && OfHost(metadata, (TypeReferenceHandle)type) is { } assembly)
            {
                try
                {
                    _ = module.ResolveMember(MetadataTokens.GetToken(handle));
                }
                catch (Exception exception) when (exception is MissingMemberException or TypeLoadException)
                {
                    var reference = metadata.GetTypeReference((TypeReferenceHandle)type);
                    return $"{image.Name} uses {metadata.GetString(reference.Name)}.{metadata.GetString(metadata.GetMemberReference(handle).Name)} of {assembly}, which the host program's {assembly} does not have.";
                }
            }
        }

        return null;
    }

    // The name of a shared assembly. References to .NET, Midflight and packages were checked when the release was built.
    private static string? OfHost(MetadataReader metadata, TypeReferenceHandle type)
    {
        var scope = metadata.GetTypeReference(type).ResolutionScope;

        return scope.Kind switch
        {
            HandleKind.TypeReference => OfHost(metadata, (TypeReferenceHandle)scope),
            HandleKind.AssemblyReference => metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)scope).Name) is var name
                && !name.StartsWith("System.", StringComparison.Ordinal) && !name.StartsWith("Microsoft.", StringComparison.Ordinal) && name is not "Midflight" && LibraryPool.HostHas(name) ? name : null,
            _ => null,
        };
    }

    private static bool IsRun(CodeSet code, AssemblyFile file)
    {
        var functions = file.Types.Where(type => type.IsStatic && type.Uses.Any(use => use.FullName is "Midflight.Next" || use.FullName.StartsWith("Midflight.ProcessTask", StringComparison.Ordinal)))
            .Select(type => type.FullName).ToHashSet();
        return code.Modules(file.Name).Any(module => module.Kind is not (ModuleKind.Other or ModuleKind.Functions) || functions.Contains(module.Name));
    }
}
