using System.Reflection;
using System.Runtime.Loader;
using Microsoft.Extensions.Logging;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Holds the assemblies of one code version. Everything else comes from the default context and is shared.</summary>
/// <param name="name">The name that debuggers show: application, version and number.</param>
/// <param name="keep">Whether it can be unloaded.</param>
/// <param name="bound">
/// By simple name, the assemblies of other hot applications and the packages that this version is bound to. This is decided
/// once: a reference first followed after the next load still leads to the version that it was checked against.
/// </param>
/// <param name="logger">Gets a message about each assembly without safepoints.</param>
internal sealed class CodeContext(string name, KeepMode keep, IReadOnlyDictionary<string, Assembly> bound, ILogger logger)
    : AssemblyLoadContext(name, isCollectible: keep == KeepMode.Unloadable)
{
    private readonly Dictionary<string, AssemblyImage> _own = [];
    private IReadOnlyDictionary<string, Assembly> _bound = bound;

    internal IReadOnlyList<Assembly> LoadAll(IEnumerable<AssemblyImage> images)
    {
        foreach (var image in images)
        {
            _own.Add(image.Name, image);
        }

        return [.. _own.Values.ToArray().Select(image => LoadFromAssemblyName(new AssemblyName(image.Name)))];
    }

    /// <summary>Releases the versions that it was bound to. For a version that no process runs any longer.</summary>
    internal void Unbind() => _bound = new Dictionary<string, Assembly>();

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // Not loaded from a file: a loaded file could be neither replaced nor removed.
        if (_own.TryGetValue(assemblyName.Name!, out var image))
        {
            var (bytes, symbols) = Weaver.Weave(image.Bytes, image.Symbols, $"{image.Name} of {Name}", logger);
            return LoadFromStream(new MemoryStream(bytes), symbols is null ? null : new MemoryStream(symbols));
        }

        return _bound.GetValueOrDefault(assemblyName.Name!);
    }
}
