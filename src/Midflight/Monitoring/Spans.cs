using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>The spans of a node for listeners of the activity source <c>Midflight</c>.</summary>
/// <remarks>
/// Nothing here throws: the work continues whatever a listener does. All tags are text, so that no span keeps a code version in
/// memory. <c>docs/reference/telemetry.md</c> lists them.
/// </remarks>
internal static class Spans
{
    private static readonly ActivitySource Source = new("Midflight");

    /// <summary>Whether anybody listens. While nobody does, this is all that a call or cast costs.</summary>
    internal static bool Listened
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Source.HasListeners();
    }

    /// <summary>Starts a step of an upgrade, as a child of the calling code's span.</summary>
    internal static Activity? Step(string name) => Start(name, ActivityKind.Internal, default);

    /// <summary>Starts the span of a message's sender, and makes it current.</summary>
    /// <param name="kind"><see cref="ActivityKind.Client"/> for a call, <see cref="ActivityKind.Producer"/> for a cast.</param>
    /// <param name="server">The receiver; null if there is no such process.</param>
    /// <param name="message">The message.</param>
    /// <returns>Null if no listener wants it.</returns>
    internal static Activity? Send(ActivityKind kind, Cell? server, object message)
    {
        var module = server?.Body?.ModuleName;
        return Describe(Start(Name(kind == ActivityKind.Client, module), kind, default), module, server, message);
    }

    /// <summary>Starts the span of a server that handles a message, and makes it current. Owner only.</summary>
    /// <param name="server">The server.</param>
    /// <param name="message">The message.</param>
    /// <param name="isCall">Whether somebody waits for a reply.</param>
    /// <param name="sent">The sender's span.</param>
    internal static Activity Handle(Cell server, object message, bool isCall, ActivityContext sent)
    {
        var module = server.Body?.ModuleName;
        var name = Name(isCall, module);

        return Describe(Start(name, isCall ? ActivityKind.Server : ActivityKind.Consumer, sent), module, server, message) ?? Carrier(name, sent);
    }

    // A span that no listener wants is still the parent of the handler's own spans. Otherwise each of them would start a trace of its own and be sampled separately.
    private static Activity Carrier(string name, ActivityContext sent)
    {
        var carrier = new Activity(name).SetParentId(sent.TraceId, sent.SpanId, sent.TraceFlags);
        carrier.TraceStateString = sent.TraceState;

        try
        {
            carrier.Start();
        }
        // Code of a listener for activities without a source.
        catch (Exception)
        {
        }

        return carrier;
    }

    /// <summary>The handler has yielded its thread. Its span ends, unless it still awaits something. Owner only.</summary>
    internal static void Leave(Cell server, Activity span)
    {
        if (server.Busy)
        {
            // It stays current in what the handler awaits, but must not be current in the next message of the slice.
            Activity.Current = null;
            server.Bonds.Span = span;
        }
        else
        {
            Stop(span, server.Ending is { IsAbnormal: true } reason ? reason.ToString() : null);
        }
    }

    /// <summary>Ends a span; the previous one becomes current.</summary>
    /// <param name="span">The span, if there is one.</param>
    /// <param name="error">What went wrong, as text; null if nothing did.</param>
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
        // Code of a listener, which has kept the span from giving way to the previous one.
        catch (Exception)
        {
            Activity.Current = span.Parent;
        }
    }

    /// <summary>Runs something in a span of its own.</summary>
    /// <param name="name">The name of the span. Null: there is no span.</param>
    /// <param name="step">The work.</param>
    /// <param name="error">What is wrong with a result, as text. Default: nothing.</param>
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
        // Code of a listener: it may have thrown after the span was started.
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
