using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Collections.Specialized;
using System.Dynamic;
using System.Net;
using System.Numerics;
using System.Reflection;
using System.Runtime.Loader;
using System.Threading.Channels;

namespace Midflight.Host;

/// <summary>Finds the types that the application of a reader knows. Nothing is ever loaded because of a name in the input.</summary>
/// <param name="target">The code version that reads; null for values that have nothing of an application in them.</param>
internal sealed class WireScope(CodeVersion? target)
{
    private static readonly Assembly[] s_known =
    [
        .. ((Type[])
        [
            typeof(object), typeof(Node), typeof(List<>), typeof(LinkedList<>), typeof(PriorityQueue<,>), typeof(ConcurrentDictionary<,>), typeof(ConcurrentBag<>), typeof(ImmutableList<>),
            typeof(ObservableCollection<>), typeof(ListDictionary), typeof(ExpandoObject), typeof(IPAddress), typeof(Uri), typeof(BigInteger), typeof(Channel), typeof(Enumerable),
        ]).Select(type => type.Assembly).Distinct(),
    ];

    private readonly Dictionary<string, Type?> _shared = [];
    private ImmutableArray<Assembly> _referenced;

    public CodeVersion? Target => target;

    /// <summary>The assemblies that a reader's code refers to and that are no application's.</summary>
    public ImmutableArray<Assembly> Referenced => _referenced.IsDefault ? _referenced = [.. Reach.SelectMany(version => version.Assemblies).SelectMany(References).Distinct()] : _referenced;

    /// <summary>A type that is not of an application, the definition where it is generic; null where the reader knows none of this name.</summary>
    public Type? Shared(string name)
    {
        if (!_shared.TryGetValue(name, out var type))
        {
            type = s_known.Concat(Referenced).Select(assembly => assembly.GetType(name, throwOnError: false)).FirstOrDefault(type => type is not null);
            _shared.Add(name, type);
        }

        return type;
    }

    /// <summary>The application's type of a shape, whatever has changed in it; null where there is none.</summary>
    public Type? Hot(WireShape shape) => Reach
        .Where(version => version.Application.Name == shape.Application)
        .SelectMany(version => version.Assemblies)
        .FirstOrDefault(assembly => assembly.GetName().Name == shape.Assembly)?.GetType(shape.Name, throwOnError: false);

    /// <summary>The release of an application that the reader has.</summary>
    public string? Release(string application) => Reach.FirstOrDefault(version => version.Application.Name == application)?.Release;

    private List<CodeVersion> Reach => target is null ? [] : LoadedShapes.Reach(target);

    private static IEnumerable<Assembly> References(Assembly assembly)
    {
        var context = AssemblyLoadContext.GetLoadContext(assembly)!;

        foreach (var name in assembly.GetReferencedAssemblies())
        {
            Assembly? referenced = null;

            try
            {
                referenced = context.LoadFromAssemblyName(name);
            }
            catch (Exception exception) when (exception is IOException or BadImageFormatException)
            {
                // The application has never needed it, or it would have failed.
            }

            if (referenced is not null && CodeVersion.Of(referenced) is null)
            {
                yield return referenced;
            }
        }
    }
}
