using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Midflight.Hosting;

namespace Midflight.AspNetCore;

// The calls of a client.
internal sealed partial class HubClient
{
    private async ValueTask Handle(HubMessage message, HubVersion? version)
    {
        switch (message)
        {
            case HubMethodInvocationMessage call when version?.Find(call.Target) is { } method:
                await Call(call, version, method).ConfigureAwait(false);
                break;
            case HubMethodInvocationMessage call:
                await Answer(call.InvocationId, $"Unknown hub method '{call.Target}'").ConfigureAwait(false);
                break;
            case InvocationBindingFailureMessage failure:
                await Answer(failure.InvocationId, $"Failed to invoke '{failure.Target}' due to an error on the server.{Detail(failure.BindingFailure.SourceException)}").ConfigureAwait(false);
                break;
            case StreamItemMessage item:
                await _streams.Add(item.InvocationId!, item.Item).ConfigureAwait(false);
                break;
            case StreamBindingFailureMessage failure:
                _streams.Close(failure.Id, new HubException("Failed to bind Stream message."));
                break;
            case CompletionMessage completion when !_streams.Close(completion.InvocationId!, completion.Error is { } error ? new HubException(error) : null):
                await _hub.Manager.SetConnectionResultAsync(Context.ConnectionId, completion).ConfigureAwait(false);
                break;
            case CancelInvocationMessage cancel when _streaming.TryGetValue(cancel.InvocationId!, out var streaming):
                await streaming.CancelAsync().ConfigureAwait(false);
                break;
        }
    }

    // Streams are opened here, because their items come next. The calls of one client run one after the other, except those that answer with a stream.
    private async ValueTask Call(HubMethodInvocationMessage call, HubVersion version, HubMethod method)
    {
        if ((call is StreamInvocationMessage) != method.Streams)
        {
            await Answer(call.InvocationId, method.Streams
                ? $"The client attempted to invoke the streaming '{call.Target}' method with a non-streaming invocation."
                : $"The client attempted to invoke the non-streaming '{call.Target}' method with a streaming invocation.").ConfigureAwait(false);
            return;
        }

        var streams = call.StreamIds ?? [];

        if (streams.Length != method.Kinds.Count(kind => kind == ParameterKind.Stream))
        {
            await Answer(call.InvocationId, $"'{call.Target}' reads {method.Kinds.Count(kind => kind == ParameterKind.Stream)} streams of the client, and {streams.Length} were sent.").ConfigureAwait(false);
            return;
        }

        var cancelling = new CancellationTokenSource();
        var (sent, stream) = (0, 0);
        var arguments = Array.ConvertAll(method.Kinds, kind => kind switch
        {
            ParameterKind.Sent => call.Arguments[sent++],
            ParameterKind.Stream => _streams.Open(streams[stream], method.Parameters.Where((_, i) => method.Kinds[i] == ParameterKind.Stream).ElementAt(stream++).ParameterType),
            ParameterKind.Cancellation => cancelling.Token,
            _ => null,
        });

        if (method.Streams)
        {
            _streaming[call.InvocationId!] = cancelling;
            _ = Invoke(call.InvocationId, version, method, arguments, streams, cancelling);
            return;
        }

        await _waiting.WaitAsync(Context.ConnectionAborted).ConfigureAwait(false);
        _last = After(_last, () => Invoke(call.InvocationId, version, method, arguments, streams, cancelling));
    }

    private async Task After(Task before, Func<Task> next)
    {
        await before.ConfigureAwait(false);
        await next().ConfigureAwait(false);
        _waiting.Release();
    }

    // Never throws.
    private async Task Invoke(string? id, HubVersion version, HubMethod method, object?[] arguments, string[] streams, CancellationTokenSource cancelling)
    {
        try
        {
            await OnHub(version, method.Name, (hub, services) => Carry(id, method, hub, services, arguments, cancelling.Token)).ConfigureAwait(false);
        }
        // Code of the hub: the client is told as much as it may know.
        catch (Exception exception)
        {
            Failed(_logger, exception, method.Name);
            await Answer(id, $"An unexpected error occurred invoking '{method.Name}' on the server.{Detail(exception)}").ConfigureAwait(false);
        }

        foreach (var stream in streams)
        {
            _streams.Close(stream, null);
        }

        if (id is not null)
        {
            _streaming.TryRemove(id, out _);
        }

        cancelling.Dispose();
    }

    private async Task Carry(string? id, HubMethod method, Hub hub, ServiceLease services, object?[] arguments, CancellationToken cancelled)
    {
        await method.Authorize(Context.User, services);

        for (var i = 0; i < arguments.Length; i++)
        {
            if (method.Kinds[i] == ParameterKind.Service)
            {
                arguments[i] = services.GetService(method.Parameters[i].ParameterType);
            }
        }

        var result = await method.Invoke(hub, arguments);

        if (method.Streams)
        {
            await method.Send(result!, item => Context.WriteAsync(new StreamItemMessage(id!, item), cancelled), cancelled);
            await Context.WriteAsync(CompletionMessage.Empty(id!), CancellationToken.None);
        }
        else if (id is not null)
        {
            await Context.WriteAsync(method.HasResult ? CompletionMessage.WithResult(id, result) : CompletionMessage.Empty(id), CancellationToken.None);
        }
    }

    private ValueTask Answer(string? id, string error) => id is null ? default : Context.WriteAsync(CompletionMessage.WithError(id, error));

    // In a process of its own, on a hub of its own, as SignalR has one for each call.
    private async Task OnHub(HubVersion? version, string method, Func<Hub, ServiceLease, Task> work)
    {
        if (version is null)
        {
            throw new HubException("The hub is not there any more.");
        }

        var scope = _hub.Host.CreateAsyncScope();
        var lease = version.Services.Lease(scope.ServiceProvider);

        try
        {
            await new HubErrand(version.Version, $"{version.Type.FullName}.{method}", async () =>
            {
                using var hub = (Hub)ModuleConstructor.Call(version.Type, lease, _hub.Host.GetRequiredService<ILoggerFactory>());
                (hub.Context, hub.Clients, hub.Groups) = (new HubCaller(Context), new HubProxies(_hub.Manager, Context.ConnectionId), new HubGroups(_hub.Manager));
                await work(hub, lease);
            }).Run(_hub.Node).ConfigureAwait(false);
        }
        finally
        {
            await lease.DisposeAsync().ConfigureAwait(false);
            await scope.DisposeAsync().ConfigureAwait(false);
        }
    }
}
