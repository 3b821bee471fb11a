using System.Collections.Concurrent;
using System.Reflection;

namespace Midflight;

/// <summary>Identifies live resources, as opposed to values: a stream, a client, a timer, a logger, a process.</summary>
/// <remarks>They stay what and where they are through every change of code, so nothing looks through them or copies them.</remarks>
internal static class Live
{
    /// <summary>Whether values of a type are such resources.</summary>
    internal static bool Is(Type type) => CodeVersion.Of(type) is null && !type.IsArray && !IsData(type) && (IsMidflights(type) || IsHeld(type) || IsHosts(type));

    /// <summary>Whether values of a type call functions that were passed to them, so that they may keep calling old code.</summary>
    internal static bool CallsBack(Type type) =>
        type == typeof(Timer) || type == typeof(CancellationTokenSource) || (!IsMidflights(type) && Closed.Fields(type).Any(field => field.FieldType.IsAssignableTo(typeof(Delegate))));

    /// <summary>What such a resource will call, and its arguments.</summary>
    internal static IEnumerable<object?> Callbacks(object live) => live switch
    {
        Timer timer => OfTimer(timer),
        CancellationTokenSource source => OfSource(source),
        _ => Closed.Fields(live.GetType()).Where(field => field.FieldType.IsAssignableTo(typeof(Delegate))).Select(field => field.GetValue(live)),
    };

    // A timer wraps an entry of the timer queue.
    private static IEnumerable<object?> OfTimer(Timer timer)
    {
        var queued = Get(Get(timer, "_timer"), "_timer");
        return [Get(queued, "_timerCallback"), Get(queued, "_state")];
    }

    private static IEnumerable<object?> OfSource(CancellationTokenSource source)
    {
        for (var node = Get(Get(source, "_registrations"), "Callbacks"); node is not null; node = Get(node, "Next"))
        {
            yield return Get(node, "Callback");
            yield return Get(node, "CallbackState");
        }
    }

    private static object? Get(object? of, string field) =>
        of?.GetType().GetField(field, BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)?.GetValue(of);

    // Tables and columns of System.Data are disposable and provide services, but they hold values.
    private static bool IsData(Type type) => type.IsAssignableTo(typeof(System.ComponentModel.MarshalByValueComponent));

    // Disposable types, unless they are known to hold values.
    private static bool IsHeld(Type type) =>
        (type.IsAssignableTo(typeof(IDisposable)) || type.IsAssignableTo(typeof(IAsyncDisposable)))
        && !type.IsAssignableTo(typeof(Task))
        && !type.IsAssignableTo(typeof(System.Collections.IEnumerator))
        && !(type.IsGenericType && type.GetGenericTypeDefinition() == typeof(BlockingCollection<>));

    private static bool IsHosts(Type type) =>
        type == typeof(CancellationToken) || type == typeof(Lock)
        || type.IsAssignableTo(typeof(IServiceProvider))
        || type.IsAssignableTo(typeof(TimeProvider))
        || type.IsAssignableTo(typeof(SynchronizationContext))
        || type.IsAssignableTo(typeof(TaskScheduler))
        || type.IsAssignableTo(typeof(Microsoft.Extensions.Logging.ILogger))
        || type.IsAssignableTo(typeof(Microsoft.Extensions.Logging.ILoggerFactory));

    // A pid, a socket, a monitor reference; but the messages that Midflight sends are values.
    private static bool IsMidflights(Type type) => type.Assembly == typeof(Live).Assembly && !IsTold(type);

    /// <summary>Whether values of a Midflight type are sent from process to process, with values of the application in them.</summary>
    internal static bool IsTold(Type type) =>
        type.IsAssignableTo(typeof(ExitReason)) || type == typeof(Down) || type == typeof(Exited) || type == typeof(CallFailedException)
        || type.IsAssignableTo(typeof(GenStateMachine.Event)) || type == typeof(ProcessStatus) || type == typeof(HandlerRemoved) || type == typeof(RegistryEntry) || type == typeof(RegistryChange) || type == typeof(Via)
        || type.IsAssignableTo(typeof(Exception))
        || (type.IsGenericType && type.GetGenericTypeDefinition() is var open && (open == typeof(JobOutcome<>) || open == typeof(JobOutcome<,>) || open == typeof(Table<,>)));
}
