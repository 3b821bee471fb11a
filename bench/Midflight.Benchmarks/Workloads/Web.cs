using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Midflight.Host;
using Midflight.Releases;

namespace Midflight.Benchmarks.Workloads;

/// <summary>Endpoints of hot code, and the same ones without Midflight, in one program. Debian's <c>wrk</c> asks for them; without it these rows are left out.</summary>
internal static partial class Web
{
    // Both sides are compiled from it: one is loaded as hot code, the other as any assembly.
    private const string Source = """
        using Microsoft.AspNetCore.Builder;
        using Microsoft.AspNetCore.Http;
        using Microsoft.AspNetCore.Routing;
        using Midflight.AspNetCore;

        public sealed record Order(int Id, string Name, decimal[] Prices);

        public sealed class Top : Supervisor
        {
            protected override SupervisorSpec Init(object? argument) => new(Strategy.OneForOne, []);
        }

        public sealed class Web : Application, IWebModule
        {
            protected override ValueTask<Pid> Start(ApplicationStart start) => GenServer.StartLink<Top>();

            public void Map(IEndpointRouteBuilder endpoints)
            {
                endpoints.MapGet("/text", () => "Hello");
                endpoints.MapGet("/json/{id}", (int id) => new Order(id, "lamp", [1.5m, 2.5m]));
                endpoints.MapPost("/post", (Order order) => order.Id);
                endpoints.MapGet("/await", async () => { await Task.Yield(); return "Hello"; });
            }
        }
        """;

    private static readonly string? s_wrk = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "wrk")).FirstOrDefault(File.Exists);

    private static readonly string s_post = Path.Combine(Path.GetTempPath(), $"midflight-bench-{Environment.ProcessId}.lua");

    private static readonly Lazy<Task<string>> s_site = new(Start);

    internal static readonly Workload[] All = s_wrk is null ? [] : [Row("http_text", "text"), Row("http_json", "json/7"), Row("http_post", "post"), Row("http_await", "await")];

    private static Workload Row(string name, string path) => new(name, "req/s", () => Load($"hot/{path}")) { Channels = () => Load($"plain/{path}") };

    private static async Task<string> Start()
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { EnvironmentName = "Production" });
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.AddMidflight();
        var app = builder.Build();
        app.MapGroup("/hot").MapMidflight();
        var image = Host.Tests.Compile.Application("web", Source);
        var plain = System.Reflection.Assembly.Load([.. image.Assemblies[0].Bytes]).GetType("Web")!;
        ((AspNetCore.IWebModule)Activator.CreateInstance(plain)!).Map(app.MapGroup("/plain"));
        await app.StartAsync();

        var node = app.Services.GetRequiredService<Node>();
        await node.Run(async () =>
        {
            var code = new CodeServer(node, Conversions.For);
            (await code.Load([image], PurgeMethod.Soft)).OrThrow();
            await node.Applications.Start([new ApplicationDefinition("web", "0.1.0", code.FindModule("Web"))]);
        });
        File.WriteAllText(s_post, """
            wrk.method = "POST"
            wrk.headers["Content-Type"] = "application/json"
            wrk.body = '{"id":7,"name":"lamp","prices":[1.5,2.5]}'
            """);
        return app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    // Requests a second, of 32 connections.
    private static async Task<double> Load(string path)
    {
        var address = $"{await s_site.Value}/{path}";
        string[] post = path.EndsWith("post", StringComparison.Ordinal) ? ["-s", s_post] : [];
        using var wrk = System.Diagnostics.Process.Start(new ProcessStartInfo(s_wrk!, ["-t", "1", "-c", "32", "-d", "3s", .. post, address]) { RedirectStandardOutput = true })!;
        var said = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        Workload.Require(wrk.ExitCode == 0 && !said.Contains("Non-2xx", StringComparison.Ordinal) && !said.Contains("Socket errors", StringComparison.Ordinal));
        return double.Parse(Rate().Match(said).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();
}
