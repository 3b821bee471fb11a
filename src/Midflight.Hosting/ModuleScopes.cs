using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Midflight.Hosting;

/// <summary>The scopes of services from which modules are created: one for each code version, and one for code that is not hot.</summary>
internal sealed partial class ModuleScopes(IServiceScopeFactory services, ILoggerFactory loggers) : IAsyncDisposable
{
    // Those that are open, or being disposed.
    private readonly ConcurrentDictionary<ModuleScope, bool> _open = new();

    /// <summary>Opens a scope. It is closed with its code version, at the latest with all others.</summary>
    internal ModuleFactory Open()
    {
        var scope = new ModuleScope(this, services.CreateAsyncScope(), loggers);
        _open.TryAdd(scope, true);
        return scope;
    }

    /// <summary>Disposes all open scopes, and waits for those that are being disposed.</summary>
    /// <remarks>Called when no process is running any more.</remarks>
    public async ValueTask DisposeAsync()
    {
        foreach (var scope in _open.Keys)
        {
            await scope.Closing().ConfigureAwait(false);
        }
    }

    private sealed class ModuleScope(ModuleScopes scopes, AsyncServiceScope scope, ILoggerFactory loggers) : ModuleFactory
    {
        private readonly Lock _lock = new();
        private Task? _closing;

        internal override object Create(Type module) => ModuleConstructor.Call(module, scope.ServiceProvider, loggers);

        internal override void Close() => _ = Closing();

        internal Task Closing()
        {
            lock (_lock)
            {
                return _closing ??= Dispose();
            }
        }

        private async Task Dispose()
        {
            try
            {
                await scope.DisposeAsync().ConfigureAwait(false);
            }
            // A service that cannot be disposed must not stop a purge, or the end of the node.
            catch (Exception exception)
            {
                NotDisposed(loggers.CreateLogger("Midflight"), exception);
            }

            scopes._open.TryRemove(this, out _);
        }
    }

    [LoggerMessage(EventId = 81, EventName = "ServiceNotDisposed", Level = LogLevel.Error,
        Message = "A service of an unloaded code version could not be disposed.")]
    private static partial void NotDisposed(ILogger logger, Exception exception);
}
