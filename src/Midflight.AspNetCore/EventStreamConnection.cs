using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Midflight.AspNetCore;

/// <summary>A client that listens to server-sent events. Its process gets it in <see cref="EventStreamOpened"/>.</summary>
public sealed class EventStreamConnection : WebConnection
{
    private static readonly byte[] s_stillHere = ":\n\n"u8.ToArray();

    private readonly EventStreamSettings _settings;

    internal EventStreamConnection(EventStreamSettings settings)
        : base(settings.SendLimit, int.MaxValue) => _settings = settings;

    /// <summary>Sends an event.</summary>
    /// <param name="data">Its data, any number of lines.</param>
    /// <param name="type">Its type, one line. Default: none, which a browser treats as <c>message</c>.</param>
    /// <param name="id">The id that the client repeats when it reconnects, one line. Default: none.</param>
    /// <returns>
    /// True once it has been handed to the network. False, at once, if the data that waits has already reached <see cref="EventStreamSettings.SendLimit"/>, and if the client is gone. After a refusal,
    /// <see cref="ConnectionWritable"/> arrives when there is room again.
    /// </returns>
    /// <exception cref="ArgumentException">Type or id have more than one line, or the id contains a null character.</exception>
    /// <remarks>In the order of the calls, from any process. Never blocks.</remarks>
    public ValueTask<bool> Send(string data, string? type = null, string? id = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        var text = new StringBuilder();
        Add(text, "event", OneLine(type, nameof(type)));
        Add(text, "id", OneLine(id, nameof(id)));

        foreach (var line in data.ReplaceLineEndings("\n").Split('\n'))
        {
            Add(text, "data", line);
        }

        return Outbox.Add(Encoding.UTF8.GetBytes(text.Append('\n').ToString()), isText: true);
    }

    private static void Add(StringBuilder text, string field, string? value)
    {
        if (value is not null)
        {
            text.Append(field).Append(": ").Append(value).Append('\n');
        }
    }

    private static string? OneLine(string? value, string name) => value is null || value.AsSpan().IndexOfAny('\r', '\n', '\0') < 0
        ? value
        : throw new ArgumentException("It has one line, without a null in it.", name);

    /// <summary>Ends the stream when the waiting data has been sent. No <see cref="EventStreamClosed"/> follows; a browser reconnects after a while.</summary>
    public void Close() => Dispose();

    /// <summary>Writes until the process has closed it or the client is gone.</summary>
    internal async Task Run(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache,no-store";
        response.Headers.Pragma = "no-cache";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

        try
        {
            await response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);

            while (await WaitOrSayThatItIsHere(response, context.RequestAborted).ConfigureAwait(false))
            {
                while (Outbox.TryTake(out var next))
                {
                    await Write(response, next.Bytes, context.RequestAborted).ConfigureAwait(false);
                    Sent(next);
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The client is gone.
        }
        finally
        {
            End(new EventStreamClosed(this));
        }
    }

    private async Task<bool> WaitOrSayThatItIsHere(HttpResponse response, CancellationToken aborted)
    {
        while (true)
        {
            using var silence = CancellationTokenSource.CreateLinkedTokenSource(aborted);
            silence.CancelAfter(_settings.KeepAlive);

            try
            {
                return await Outbox.Wait(silence.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
            {
                await Write(response, s_stillHere, aborted).ConfigureAwait(false);
            }
        }
    }

    private async Task Write(HttpResponse response, byte[] bytes, CancellationToken aborted)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        late.CancelAfter(_settings.SendTimeout);
        await response.Body.WriteAsync(bytes, late.Token).ConfigureAwait(false);
        await response.Body.FlushAsync(late.Token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override string ToString() => "event stream";
}

/// <summary>How event streams behave.</summary>
public sealed record EventStreamSettings
{
    /// <summary>Bytes that may wait to be sent; a send beyond that returns false. Default: 1 MiB.</summary>
    public int SendLimit { get; init; } = 1024 * 1024;

    /// <summary>How long a client may read nothing of an event before the stream ends. Default: 30 s.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How much silence passes before the client is sent an empty line, to detect a client that is gone. Default: 15 s.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(15);
}

/// <summary>The start argument of an event stream's process, passed to <c>Init</c>.</summary>
/// <param name="Stream">The client.</param>
/// <param name="LastId">The id of the last event that a reconnecting client has seen; otherwise null.</param>
/// <param name="Argument">The result of the endpoint's handler; null if there is none.</param>
public sealed record EventStreamOpened(EventStreamConnection Stream, string? LastId, object? Argument);

/// <summary>The client is gone. Nothing follows; a process that has nothing more to do stops.</summary>
/// <param name="Stream">The stream.</param>
public sealed record EventStreamClosed(EventStreamConnection Stream);
