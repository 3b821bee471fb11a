using System.Collections.Immutable;
using System.Text.Json;

namespace Midflight.Releases;

/// <summary>What happens to processes that run old code when it has to go.</summary>
public enum PurgeMethod
{
    /// <summary>They are ended: <c>brutal_purge</c>. The default.</summary>
    Brutal,

    /// <summary>The purge is refused while there are any: <c>soft_purge</c>.</summary>
    Soft,
}

/// <summary>When processes of a module change code on the way down.</summary>
public enum ModuleType
{
    /// <summary>Before the older code is loaded: what the process holds knows of its own change.</summary>
    Dynamic,

    /// <summary>After the older code is loaded.</summary>
    Static,
}

/// <summary>The direction of a code change.</summary>
public enum ChangeMode
{
    /// <summary>To the newer version.</summary>
    Up,

    /// <summary>Back to the older version.</summary>
    Down,
}

/// <summary>What an update does to the state of processes.</summary>
public abstract record StateChange
{
    private StateChange() { }

    /// <summary>Nothing: the state is of the same shape.</summary>
    public sealed record Soft : StateChange;

    /// <summary>Changes it through the module's code change.</summary>
    /// <param name="Extra">The argument of the code change.</param>
    public sealed record Advanced(JsonElement Extra) : StateChange
    {
        /// <summary>A code change that is given an empty list, as a supervisor's is.</summary>
        public static readonly Advanced WithoutExtra = new(JsonElement.Parse("[]"));
    }
}

/// <summary>How long a process may take to be suspended.</summary>
public abstract record SuspendTimeout
{
    private SuspendTimeout() { }

    /// <summary>As long as a call to a server may take.</summary>
    public static readonly SuspendTimeout Default = new AsCall();

    /// <summary>No limit.</summary>
    public static readonly SuspendTimeout Infinity = new Never();

    /// <summary>As long as a call to a server may take.</summary>
    public sealed record AsCall : SuspendTimeout;

    /// <summary>No limit.</summary>
    public sealed record Never : SuspendTimeout;

    /// <summary>A time of its own.</summary>
    /// <param name="Milliseconds">1 or more.</param>
    public sealed record After(long Milliseconds) : SuspendTimeout;
}

/// <summary>A module whose processes are suspended.</summary>
/// <param name="Module">Full name of the module.</param>
/// <param name="Timeout">How long each of them may take.</param>
public sealed record SuspendedModule(string Module, SuspendTimeout Timeout);

/// <summary>A module whose processes change code.</summary>
/// <param name="Module">Full name of the module.</param>
/// <param name="Extra">The argument of the code change.</param>
public sealed record ModuleExtra(string Module, JsonElement Extra);

/// <summary>A function and its arguments.</summary>
/// <param name="Module">Full name of the type that has it.</param>
/// <param name="Function">Name of the static method.</param>
/// <param name="Arguments">One value for each parameter.</param>
/// <remarks>
/// The module <c>application</c> is not a type but the node itself: its functions <c>load</c>, <c>start</c>, <c>stop</c> and
/// <c>unload</c> act on the application that the first argument names, as <see cref="ApplicationCall"/> says.
/// </remarks>
public sealed record FunctionCall(string Module, string Function, ImmutableArray<JsonElement> Arguments);

/// <summary>The nodes that meet.</summary>
public abstract record SyncedNodes
{
    private SyncedNodes() { }

    /// <summary>Nodes given by name.</summary>
    /// <param name="Nodes">Names of the nodes.</param>
    public sealed record Named(ImmutableArray<string> Nodes) : SyncedNodes;

    /// <summary>The nodes that a function returns.</summary>
    /// <param name="Call">The function and its arguments.</param>
    public sealed record Computed(FunctionCall Call) : SyncedNodes;
}
