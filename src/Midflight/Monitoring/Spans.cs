using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>The spans of a node for whoever listens to the activity source <c>Midflight</c>.</summary>
/// <remarks>
/// Nothing here throws: what is spanned goes on whatever a listener does. All tags are text, so that no span keeps a code version in
/// memory. <c>docs/reference/telemetry.md</c> lists them.
/// </remarks>
internal static class Spans
{
    private static readonly ActivitySource Source = new("Midflight");

    /// <summary>Whether anybody listens. All that a call or cast costs while nobody does.</summary>
    internal static bool Listened
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Source.HasListeners();
    }

    /// <summary>Begins a step of an upgrade, as a child of what the calling code does.</summary>
    internal static Activity? Step(string name) => Start(name, ActivityKind.Internal, default);

    /// <summary>Begins the span of who sends a message, and makes it the current one.</summary>
    /// <param name="kind"><see cref="ActivityKind.Client"/> of a call, <see cref="ActivityKind.Producer"/> of a cast.</param>
    /// <param name="server">To whom; null where there is no such process.</param>
    /// <param name="message">What.</param>
    /// <returns>Null where no listener wants it.</returns>
    internal static Activity? Send(ActivityKind kind, Cell? server, object message)
    {
        var module = server?.Body?.ModuleName;
        return Describe(Start(Name(kind == ActivityKind.Client, module), kind, default), module, server, message);
    }

    /// <summary>Begins the span of a server that handles a message, and makes it the current one. Owner only.</summary>
    /// <param name="server">The server.</param>
    /// <param name="message">What.</param>
    /// <param name="isCall">Whether somebody waits for a reply.</param>
    /// <param name="sent">The span of who sent it.</param>
    internal static Activity Handle(Cell server, object message, bool isCall, ActivityContext sent)
    {
        var module = server.Body?.ModuleName;
        var name = Name(isCall, module);

        return Describe(Start(name, isCall ? ActivityKind.Server : ActivityKind.Consumer, sent), module, server, message) ?? Carrier(name, sent);
    }

    // What no listener wants to see is still what the handler's own spans belong to: else each would begin a trace, and be sampled, anew.
    private static Activity Carrier(string name, ActivityContext sent)
    {
        var carrier = new Activity(name).SetParentId(sent.TraceId, sent.SpanId, sent.TraceFlags);
        carrier.TraceStateString = sent.TraceState;

        try
        {
            carrier.Start();
        }
        // Code of whoever listens to activities without a source.
        catch (Exception)
        {
        }

        return carrier;
    }

    /// <summary>The handler has given its thread back. Its span ends, unless it still awaits something. Owner only.</summary>
    internal static void Leave(Cell server, Activity span)
    {
        if (server.Busy)
        {
            // It is current in what the handler awaits, and is not to be in the next message of the slice.
            Activity.Current = null;
            server.Bonds.Span = span;
        }
        else
        {
            Stop(span, server.Ending is { IsAbnormal: true } reason ? reason.ToString() : null);
        }
    }

    /// <summary>Ends a span, whose predecessor becomes the current one.</summary>
    /// <param name="span">Which, if there is one.</param>
    /// <param name="error">What went wrong, in text; null if nothing did.</param>
    internal static void Stop(Activity? span, string? error = null)
    {
        if (span is null)
        {
            return;
        }

        try
        {
            if (error is not null)
            {
                span.SetStatus(ActivityStatusCode.Error, error);
            }

            span.Stop();
        }
        // Code of whoever listens, which has kept the span from giving way to the one before it.
        catch (Exception)
        {
            Activity.Current = span.Parent;
        }
    }

    /// <summary>Does something in a span of its own.</summary>
    /// <param name="name">What it is. Null: there is no span.</param>
    /// <param name="step">Does it.</param>
    /// <param name="error">What is wrong with a result, in text. Default: nothing.</param>
    internal static async Task<T> In<T>(string? name, Func<Task<T>> step, Func<T, string?>? error = null)
    {
        var span = name is null ? null : Step(name);

        try
        {
            var result = await step().ConfigureAwait(false);
            Stop(span, error?.Invoke(result));
            return result;
        }
        catch (Exception exception)
        {
            Stop(span, exception.Message);
            throw;
        }
    }

    /// <inheritdoc cref="In{T}(string, Func{Task{T}}, Func{T, string?}?)"/>
    internal static Task In(string? name, Func<Task> step) => In(name, async () =>
    {
        await step().ConfigureAwait(false);
        return true;
    });

    /// <inheritdoc cref="In{T}(string, Func{Task{T}}, Func{T, string?}?)"/>
    internal static T Do<T>(string name, Func<T> step, Func<T, string?>? error = null)
    {
        var span = Step(name);

        try
        {
            var result = step();
            Stop(span, error?.Invoke(result));
            return result;
        }
        catch (Exception exception)
        {
            Stop(span, exception.Message);
            throw;
        }
    }

    /// <inheritdoc cref="In{T}(string, Func{Task{T}}, Func{T, string?}?)"/>
    internal static void Do(string name, Action step) => Do(name, () =>
    {
        step();
        return true;
    });

    private static Activity? Start(string name, ActivityKind kind, ActivityContext parent)
    {
        var before = Activity.Current;

        try
        {
            return Source.StartActivity(name, kind, parent);
        }
        // Code of whoever listens: it may have thrown with the span begun.
        catch (Exception)
        {
            Activity.Current = before;
            return null;
        }
    }

    private static string Name(bool isCall, string? module) => (isCall, module) switch
    {
        (true, null) => "call",
        (false, null) => "cast",
        _ => $"{(isCall ? "call" : "cast")} {module[(module.LastIndexOfAny(['.', '+']) + 1)..]}",
    };

    private static Activity? Describe(Activity? span, string? module, Cell? server, object message)
    {
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag(NodeMeter.Module, module);
            span.SetTag("midflight.message", message.GetType().Name);
            span.SetTag("midflight.pid", server?.Pid.ToString());
        }

        return span;
    }
}
