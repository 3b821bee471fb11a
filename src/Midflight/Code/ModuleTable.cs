using System.Collections.Concurrent;

namespace Midflight;

/// <summary>The behaviours of one code version, or of a node's code that is not hot: one instance of each class.</summary>
/// <param name="factories">Opens the factory when the first instance is created. Null: their constructors have no parameters.</param>
internal sealed class ModuleTable(Func<ModuleFactory>? factories)
{
    private readonly ConcurrentDictionary<Type, Behaviour> _instances = new();

    // Guards the factory, and makes sure that a class is created once: its services may be costly and must not be created twice.
    private readonly Lock _lock = new();
    private ModuleFactory? _factory;
    private List<IDisposable>? _owned;
    private bool _isClosed;

    internal Behaviour Get(Type type) => _instances.TryGetValue(type, out var known) ? known : Add(type);

    private Behaviour Add(Type type)
    {
        lock (_lock)
        {
            return _instances.GetOrAdd(type, static (type, self) => (Behaviour)self.Create(type), this);
        }
    }

    /// <summary>Creates an instance that is not kept.</summary>
    /// <remarks>Exceptions of its constructor are thrown unchanged.</remarks>
    internal object Create(Type type)
    {
        ModuleFactory factory;

        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            factory = _factory ??= factories?.Invoke() ?? ModuleFactory.Plain;
        }

        return factory.Create(type);
    }

    /// <summary>Takes over something that goes with the version: it is disposed then, and must not throw.</summary>
    internal void Own(IDisposable owned)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            (_owned ??= []).Add(owned);
        }
    }

    /// <summary>Releases the modules' services. For a version that nobody runs any more.</summary>
    internal void Close()
    {
        List<IDisposable>? owned;

        lock (_lock)
        {
            _isClosed = true;
            (owned, _owned) = (_owned, null);
            _factory?.Close();
            _factory = null;
        }

        owned?.ForEach(one => one.Dispose());
    }
}
