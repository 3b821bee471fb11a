using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Midflight.Releases.Builds;

/// <summary>What a project file says of Midflight, kept in its assembly: <c>MidflightName</c>, <c>MidflightKeep</c>, <c>MidflightTogether</c>, <c>MidflightIncludes</c>, <c>MidflightStartPhases</c>, <c>MidflightShared</c>.</summary>
internal static class AssemblyWords
{
    /// <summary>The pairs of <c>[assembly: AssemblyMetadata("key", "value")]</c>.</summary>
    public static ImmutableDictionary<string, string> Read(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var metadata = file.GetMetadataReader();
        var words = ImmutableDictionary.CreateBuilder<string, string>();
        foreach (var handle in metadata.GetAssemblyDefinition().GetCustomAttributes())
        {
            var attribute = metadata.GetCustomAttribute(handle);
            if (IsMetadata(metadata, attribute))
            {
                // Two bytes that every attribute starts with, then the two texts.
                var value = metadata.GetBlobReader(attribute.Value);
                value.ReadUInt16();
                words[value.ReadSerializedString() ?? ""] = value.ReadSerializedString() ?? "";
            }
        }

        return words.ToImmutable();
    }

    /// <summary>A value that is a list, separated by semicolons.</summary>
    public static string[] List(ImmutableDictionary<string, string> words, string word) =>
        words.GetValueOrDefault(word)?.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static bool IsMetadata(MetadataReader metadata, CustomAttribute attribute) =>
        attribute.Constructor.Kind is HandleKind.MemberReference
        && metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is { Kind: HandleKind.TypeReference } type
        && metadata.StringComparer.Equals(metadata.GetTypeReference((TypeReferenceHandle)type).Name, "AssemblyMetadataAttribute");
}
