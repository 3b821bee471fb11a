using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Midflight.Host;
using Midflight.Host.Tests;
using Midflight.Hosting;
using Midflight.Testing;

namespace Midflight.AspNetCore.Tests;

/// <summary>A program of ASP.NET Core on a port of its own that runs the first of some releases, and has packages of the others.</summary>
internal sealed class Site : IAsyncDisposable
{
    public static readonly InstallSettings Uncommitted = new() { Commit = false };

    private readonly ReleaseFolder _folder;

    private Site(ReleaseFolder folder, WebApplication app)
    {
        (_folder, App) = (folder, app);
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Client = new HttpClient { BaseAddress = Address };
    }

    public WebApplication App { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public Node Node => App.Services.GetRequiredService<Node>();

    public ReleaseHandler Handler => App.Services.GetRequiredService<NodeService>().Releases!;

    public CapturedLog Log => App.Services.GetRequiredService<CapturedLog>();

    /// <summary>A site whose releases are 1, 2 and so on.</summary>
    /// <param name="build">What else the program has.</param>
    /// <param name="map">How it serves. Default: <c>MapMidflight()</c>.</param>
    /// <param name="releases">The application of each: a start module that brings usings along.</param>
    public static async Task<Site> Start(Action<WebApplicationBuilder>? build, Action<WebApplication>? map, params string[] releases)
    {
        var folder = new ReleaseFolder { IsWhole = true };
        folder.Unpack("1", ("demo", releases[0]));

        for (var i = 1; i < releases.Length; i++)
        {
            folder.Package($"{i + 1}", ("demo", releases[i]));
        }

        var builder = WebApplication.CreateEmptyBuilder(new() { EnvironmentName = "Production" });
        var log = new CapturedLog();
        builder.Logging.AddProvider(new Captured(log));
        builder.Services.AddSingleton(log);
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.AddMidflight(midflight => midflight.Release = folder.Layout.Root);
        build?.Invoke(builder);
        var app = builder.Build();

        if (map is null)
        {
            app.MapMidflight();
        }
        else
        {
            map(app);
        }

        await app.StartAsync();
        return new(folder, app);
    }

    public static Task<Site> Start(params string[] releases) => Start(null, null, releases);

    /// <summary>Goes to another release, up or down, and commits.</summary>
    public Task<UpgradeReport> Install(string version) => Handler.Install(version, InstallSettings.Default);

    /// <summary>An install that fails and is rolled back.</summary>
    public async Task<string> Fails(string version) => (await Assert.ThrowsAsync<UpgradeFailedException>(() => Install(version))).Message;

    /// <summary>No old version is left in memory, after a number of collections.</summary>
    public void AssertUnloaded()
    {
        for (var i = 0; i < 20 && !Handler.Old.Unloads.Waiting.IsEmpty; i++)
        {
            HeldContext.Sweep();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        var left = string.Join(" ", Handler.Old.Unloads.Waiting.Select(version => version.Report(Node)));
        Assert.True(left.Length == 0, left);
    }

    /// <summary>The answer; where it is none, all that was logged as an error.</summary>
    public async Task<string> Get(string path)
    {
        var response = await Client.GetAsync(path);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode} {string.Join('\n', Log.Lines.Select(line => line.Exception).OfType<string>())}");
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>An application with a supervisor of nobody, whose start module maps some endpoints.</summary>
    /// <param name="map">The statements that do.</param>
    /// <param name="more">Types besides.</param>
    /// <param name="services">The statements that add services.</param>
    public static string Code(string map, string more = "", string services = "") => $$"""
        using Microsoft.AspNetCore.Builder;
        using Microsoft.AspNetCore.Http;
        using Microsoft.AspNetCore.Routing;
        using Microsoft.Extensions.DependencyInjection;
        using Microsoft.Extensions.Logging;
        using Midflight.AspNetCore;

        {{more}}

        public sealed class Top : Supervisor
        {
            protected override SupervisorSpec Init(object? argument) => new(Strategy.OneForOne, []);
        }

        public sealed class Demo : Application, IWebModule
        {
            protected override ValueTask<Pid> Start(ApplicationStart start) => GenServer.StartLink<Top>();

            public void Map(IEndpointRouteBuilder endpoints)
            {
                {{map}}
            }

            public void AddServices(IServiceCollection services)
            {
                {{services}}
            }
        }
        """;

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        await _folder.DisposeAsync();
    }

    private sealed class Captured(CapturedLog log) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => log;

        public void Dispose()
        {
        }
    }
}
