using System.Reflection;
using System.Runtime.Loader;
using Microsoft.Extensions.Logging;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Holds the assemblies of one code version. What it does not find is shared, from the default context.</summary>
/// <param name="name">As shown by debuggers: application, version and number.</param>
/// <param name="keep">Whether it can be unloaded.</param>
/// <param name="bound">
/// By simple name, the assemblies of other hot applications and the packages which this version is bound to. Decided once, so
/// that a reference that is first followed after the next load still leads to the version that it was checked with.
/// </param>
/// <param name="logger">Told of assemblies without safepoints.</param>
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

    /// <summary>Lets go of the versions that it was bound to. For a version that nobody runs any more.</summary>
    internal void Unbind() => _bound = new Dictionary<string, Assembly>();

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // Not a file: it could be neither replaced nor removed while it is loaded.
        if (_own.TryGetValue(assemblyName.Name!, out var image))
        {
            var (bytes, symbols) = Weaver.Weave(image.Bytes, image.Symbols, $"{image.Name} of {Name}", logger);
            return LoadFromStream(new MemoryStream(bytes), symbols is null ? null : new MemoryStream(symbols));
        }

        return _bound.GetValueOrDefault(assemblyName.Name!);
    }
}
