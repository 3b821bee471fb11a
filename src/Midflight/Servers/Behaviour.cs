using System.Reflection;
using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>A module whose processes Midflight runs: Midflight has the loop and calls the module's callbacks.</summary>
/// <remarks>
/// There is one instance of a behaviour class for each code version. What belongs to a process is its state, which is passed in
/// and returned. All processes share a field of the class, and it is gone with the code version. So keep no fields that change.
/// </remarks>
public abstract class Behaviour
{
    // Null until it is asked for.
    private bool? _changesCode;

    private protected Behaviour()
    {
    }

    /// <summary>What a new process of this module runs. Init creates its state.</summary>
    internal abstract ServerBody CreateBody();

    /// <summary>What a process that comes from another code version runs, with its state converted.</summary>
    internal abstract ServerBody CreateBody(object? state);

    /// <summary>A process of this module answers its last call and ends. Runs in its slice, before the reply.</summary>
    internal virtual void OnLastReply(Cell cell, ExitReason reason)
    {
    }

    /// <summary>The type that the state is converted to when a process comes from another code version.</summary>
    internal abstract Type StateType { get; }

    /// <summary>Whether the module has its own CodeChange, which may change the state that it gets.</summary>
    internal bool ChangesCode => _changesCode ??= GetType()
        .GetMethod("CodeChange", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)?.DeclaringType?.Assembly is { } assembly && assembly != typeof(Behaviour).Assembly;

    /// <summary>The state that a CodeChange returned.</summary>
    /// <exception cref="InvalidOperationException">It returned null for a state.</exception>
    internal T Changed<T>(T before, T after) => after is not null || before is null ? after : throw new InvalidOperationException(
        $"{GetType().FullName}.CodeChange returned null for a state of {typeof(T)}, which would be lost. Return the state for the new code.");

    /// <summary>Whether the module overrides a callback for which the defining class has a default.</summary>
    [MethodImpl(Inlining.NotIntoHotCode)]
    private protected bool Overrides(string callback, Type definition) => GetType()
        .GetMethod(callback, BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)!
        .DeclaringType is var type && !(type!.IsGenericType && type.GetGenericTypeDefinition() == definition);

    /// <summary>The instance of a class in its current version, on a node.</summary>
    internal static Behaviour Current(Node node, Type type)
    {
        var version = CodeVersion.Of(type);

        if (version is null)
        {
            return node.Modules.Get(type);
        }

        var current = version.Application.Current ?? version;
        var namesake = current == version ? type : current.FindType(type.FullName!);
        return current.Modules.Get(namesake ?? throw new MissingMethodException(
            $"{type.FullName} is not in {current}, so it cannot be started. Keep the module, or remove it from its supervisor."));
    }
}
