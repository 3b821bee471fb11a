using System.Text.Json;
using Midflight.Host.Control;
using Midflight.Releases.Packages;

namespace Midflight.Observer;

/// <summary>Asks the node through its door. One that has restarted is connected to again.</summary>
internal sealed class NodeClient(Func<ReleaseLayout> layout) : IAsyncDisposable
{
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private volatile ControlClient? _client;

    /// <exception cref="ObserverException">The node said no, or is not there.</exception>
    internal async Task<TReply> Call<TRequest, TReply>(TRequest request, Action<ProgressReport>? progress, CancellationToken cancellation)
        where TRequest : IControlRequest<TReply> => await Carry(client => client.Call<TRequest, TReply>(request, progress, cancellation), cancellation).ConfigureAwait(false);

    /// <inheritdoc cref="Call"/>
    internal Task<JsonElement> Ask(string method, object? parameters, CancellationToken cancellation) => Carry(
        client => client.Ask(method, JsonSerializer.SerializeToElement(parameters ?? new { }, ControlJson.Options), cancellation), cancellation);

    private async Task<T> Carry<T>(Func<ControlClient, Task<T>> ask, CancellationToken cancellation)
    {
        try
        {
            var client = _client ?? await Connect(cancellation).ConfigureAwait(false);

            try
            {
                return await ask(client).ConfigureAwait(false);
            }
            catch (NodeUnreachableException)
            {
                if (Interlocked.CompareExchange(ref _client, null, client) == client)
                {
                    await client.DisposeAsync().ConfigureAwait(false);
                }

                throw;
            }
        }
        catch (Exception exception) when (exception is ControlRefusedException or ControlFailedException or NodeUnreachableException)
        {
            throw new ObserverException(exception.Message);
        }
    }

    private async Task<ControlClient> Connect(CancellationToken cancellation)
    {
        await _connecting.WaitAsync(cancellation).ConfigureAwait(false);

        try
        {
            return _client ??= await ControlClient.Connect(layout(), cancellation).ConfigureAwait(false);
        }
        finally
        {
            _connecting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _client, null) is { } client)
        {
            await client.DisposeAsync().ConfigureAwait(false);
        }

        _connecting.Dispose();
    }
}
