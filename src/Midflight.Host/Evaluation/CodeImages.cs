using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Runtime.Loader;

namespace Midflight.Host.Evaluation;

/// <summary>The code that code in this node can be compiled against: shared assemblies by their file, hot ones by their metadata.</summary>
internal static class CodeImages
{
    // The files that the runtime was started with. They are not replaced while it runs.
    private static readonly Lazy<ImmutableArray<CodeImage>> Shared = new(() =>
    [
        .. ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(path => new CodeImage(Path.GetFileNameWithoutExtension(path), path, path, null, null)),
    ]);

    internal static ImagesReply Of(IReadOnlyList<CodeVersion> versions, ImmutableArray<string> known)
    {
        var own = versions.SelectMany(version => version.Assemblies.Select(assembly => (Assembly: assembly, Application: (string?)version.Application.Name)));

        // Packages that only one application brings.
        var packages = versions.SelectMany(version => version.Assemblies)
            .Select(AssemblyLoadContext.GetLoadContext)
            .Where(context => context is not null && context != AssemblyLoadContext.Default)
            .Distinct()
            .SelectMany(context => context!.Assemblies)
            .Select(assembly => (Assembly: assembly, Application: (string?)null));
        var hot = own.Concat(packages)
            .DistinctBy(one => one.Assembly)
            .Select(one => Image(one.Assembly, one.Application, known))
            .ToList();
        var names = hot.Select(image => image.Name).ToHashSet();

        return new(ShellCode.Stamp(versions), [.. hot, .. Shared.Value.Where(image => !names.Contains(image.Name))]);
    }

    private static CodeImage Image(Assembly assembly, string? application, ImmutableArray<string> known)
    {
        var identity = assembly.ManifestModule.ModuleVersionId.ToString();
        return new(assembly.GetName().Name!, identity, null, application, known.Contains(identity) ? null : Metadata(assembly));
    }

    private static unsafe byte[]? Metadata(Assembly assembly) =>
        assembly.TryGetRawMetadata(out var blob, out var length) ? new ReadOnlySpan<byte>(blob, length).ToArray() : null;
}
