using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Midflight.Host.Evaluation;

namespace Midflight.Shell;

/// <summary>The node's code as the compiler sees it, kept between requests.</summary>
internal sealed class References
{
    private readonly Dictionary<string, MetadataReference> _known = [];

    /// <summary>Identities of what the compiler has already read.</summary>
    internal ImmutableArray<string> Known => [.. _known.Keys];

    /// <summary>Identifies the set of code in <see cref="All"/>.</summary>
    internal string Stamp { get; private set; } = "";

    /// <summary>Everything that can be referenced.</summary>
    internal ImmutableArray<MetadataReference> All { get; private set; } = [];

    /// <summary>Namespaces of the node's hot code.</summary>
    internal ImmutableArray<string> Namespaces { get; private set; } = [];

    private ImmutableArray<(CodeImage Image, MetadataReference Reference)> _hot = [];

    /// <summary>Takes the code that the node is running.</summary>
    internal void Take(ImagesReply reply)
    {
        foreach (var image in reply.Images.Where(image => !_known.ContainsKey(image.Identity)))
        {
            if (image.Metadata is { } metadata)
            {
                _known[image.Identity] = Read(metadata);
            }
            else if (image.Path is { } path && File.Exists(path))
            {
                _known[image.Identity] = MetadataReference.CreateFromFile(path);
            }
        }

        // Code that the node no longer runs need not be kept.
        foreach (var gone in _known.Keys.Except(reply.Images.Select(image => image.Identity)).ToList())
        {
            _known.Remove(gone);
        }

        Stamp = reply.Stamp;
        All = [.. reply.Images.Select(image => _known.GetValueOrDefault(image.Identity)).OfType<MetadataReference>()];
        _hot = [.. reply.Images.Where(image => image.Application is not null).Select(image => (image, _known[image.Identity]))];
        Namespaces = [.. _hot.SelectMany(hot => NamespacesOf(hot.Reference)).Distinct().Order()];
    }

    /// <summary>What a new version of an application can reference: everything but its previous version.</summary>
    internal IEnumerable<MetadataReference> Without(string application) =>
        All.Except(_hot.Where(hot => hot.Image.Application == application).Select(hot => hot.Reference));

    // The compiler reads the metadata in place, so the array must not move. The callback keeps it alive as long as it is read.
    private static unsafe PortableExecutableReference Read(byte[] metadata)
    {
        var pinned = GC.AllocateUninitializedArray<byte>(metadata.Length, pinned: true);
        metadata.CopyTo(pinned, 0);
        var address = (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref pinned[0]);
        return AssemblyMetadata.Create(ModuleMetadata.CreateFromMetadata(address, pinned.Length, () => GC.KeepAlive(pinned))).GetReference();
    }

    private static IEnumerable<string> NamespacesOf(MetadataReference reference)
    {
        var compilation = CSharpCompilation.Create("look", references: [reference]);
        return compilation.GetAssemblyOrModuleSymbol(reference) is IAssemblySymbol assembly ? NamespacesOf(assembly.GlobalNamespace) : [];
    }

    private static IEnumerable<string> NamespacesOf(INamespaceSymbol space)
    {
        if (!space.IsGlobalNamespace && space.GetTypeMembers().Any(type => type.DeclaredAccessibility == Accessibility.Public))
        {
            yield return space.ToDisplayString();
        }

        foreach (var inner in space.GetNamespaceMembers().SelectMany(NamespacesOf))
        {
            yield return inner;
        }
    }
}
