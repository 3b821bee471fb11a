using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Midflight.Hosting;
using Midflight.Testing;

namespace Midflight.Host.Tests.Hosting;

/// <summary>A generic host with a node, whose services are counted and whose log is kept.</summary>
internal sealed class HostFixture : IAsyncDisposable
{
    public HostFixture(Action<MidflightSettings>? configure = null, Action<IServiceCollection>? services = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(new Captured(Log));
        builder.Services.AddScoped<IProgress<string>>(_ => Tally.Make());
        services?.Invoke(builder.Services);
        builder.AddMidflight(configure);
        Host = builder.Build();
        Node = Host.Services.GetRequiredService<Node>();
        Code = new CodeServer(Node, Midflight.Host.Conversions.For);
    }

    public IHost Host { get; }

    public Node Node { get; }

    /// <summary>Hot code on the node, beside that of a release.</summary>
    public CodeServer Code { get; }

    public CapturedLog Log { get; } = new();

    public Tally Tally { get; } = new();

    public async ValueTask DisposeAsync() => await ((IAsyncDisposable)Host).DisposeAsync();

    private sealed class Captured(CapturedLog log) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Category(log, categoryName);

        public void Dispose()
        {
        }
    }

    private sealed class Category(CapturedLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Log(logLevel, eventId, $"{name}: {formatter(state, exception)}", exception, (text, _) => text);
    }
}
