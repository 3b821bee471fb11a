using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;

namespace Midflight.AspNetCore.Tests;

/// <summary>Endpoints are of the version that is current.</summary>
public sealed class EndpointTests
{
    private const string Hello = """endpoints.MapGet("/", () => "VERSION");""";

    private static string Version(int number, string more = "") => Site.Code(Hello.Replace("VERSION", $"{number}", StringComparison.Ordinal) + more);

    private static async Task<HttpStatusCode> Status(Site site, string path) => (await site.Client.GetAsync(path)).StatusCode;

    [Fact]
    public async Task They_change_with_the_code_and_back_with_it()
    {
        await using var site = await Site.Start(
            Version(1, """endpoints.MapGet("/old", () => "old");"""),
            Version(2, """endpoints.MapGet("/new", () => "new");"""));
        Assert.Equal("1", await site.Get("/"));

        await site.Install("2");
        Assert.Equal(["2", "new"], [await site.Get("/"), await site.Get("/new")]);
        Assert.Equal(HttpStatusCode.NotFound, await Status(site, "/old"));

        await site.Install("1");
        Assert.Equal(["1", "old"], [await site.Get("/"), await site.Get("/old")]);
        Assert.Equal(HttpStatusCode.NotFound, await Status(site, "/new"));
    }

    [Theory]
    [InlineData("""throw new InvalidOperationException("There is no such thing.");""", "demo did not switch to its new code: There is no such thing.")]
    [InlineData("""endpoints.MapGet("/{id:odd}", (int id) => id);""", "demo did not switch to its new code: demo maps /{id:odd}, and {id} of it cannot be used: The constraint reference 'odd' could not be resolved to a type.")]
    [InlineData("""endpoints.MapGet("/{id", (int id) => id);""", "demo did not switch to its new code: There is an incomplete parameter in the route template.")]
    [InlineData("""endpoints.MapPost("/x", (Demo one, Top other) => 1);""", "demo did not switch to its new code: Failure to infer one or more parameters.")]
    public async Task What_cannot_be_mapped_rolls_the_upgrade_back(string map, string why)
    {
        await using var site = await Site.Start(Version(1), Version(2, map));

        var failure = await site.Fails("2");

        Assert.StartsWith(why, failure, StringComparison.Ordinal);
        Assert.EndsWith("Rolled back: 1 is still running.", failure, StringComparison.Ordinal);
        Assert.Equal("1", await site.Get("/"));
    }

    [Fact]
    public async Task A_request_under_way_ends_in_its_version_which_is_not_purged_before()
    {
        var gate = new TaskCompletionSource();
        var entered = new SemaphoreSlim(0);
        var slow = """endpoints.MapGet("/slow", async (TaskCompletionSource gate, SemaphoreSlim entered) => { entered.Release(); await gate.Task; return "VERSION"; });""";
        await using var site = await Site.Start(
            builder => builder.Services.AddSingleton(gate).AddSingleton(entered),
            null,
            Version(1, slow.Replace("VERSION", "slow 1", StringComparison.Ordinal)),
            Version(2, slow.Replace("VERSION", "slow 2", StringComparison.Ordinal)),
            Version(3));
        var old = site.Get("/slow");
        await entered.WaitAsync();

        var report = await site.Install("2");
        Assert.Contains("(HTTP: GET /slow of demo 1 (#1)) runs a function of it", string.Join(" ", report.Notes), StringComparison.Ordinal);
        Assert.Equal("2", await site.Get("/"));
        await Assert.ThrowsAsync<Midflight.Host.ReleaseRefusedException>(() => site.Install("3"));

        gate.SetResult();
        Assert.Equal("slow 1", await old);
        Assert.Equal("slow 2", await site.Get("/slow"));
        await site.Install("3");
        Assert.Equal("3", await site.Get("/"));
        site.AssertUnloaded();
    }

    [Fact]
    public async Task A_request_whose_process_is_ended_is_aborted_and_the_program_goes_on()
    {
        await using var site = await Site.Start(Version(1, """endpoints.MapGet("/end", async () => { Process.Exit(Process.Self, ExitReason.Kill); await Task.Delay(-1); });"""));

        await Assert.ThrowsAsync<HttpRequestException>(() => site.Get("/end"));

        Assert.Equal("1", await site.Get("/"));
    }

    [Fact]
    public async Task A_request_runs_on_the_thread_that_it_comes_on_and_whoever_handles_it_is_a_process_all_the_same()
    {
        var moved = new List<string>();
        await using var site = await Site.Start(
            null,
            app =>
            {
                app.Use(async (context, next) =>
                {
                    var thread = Environment.CurrentManagedThreadId;
                    await next(context);

                    if (SynchronizationContext.Current is not null || (context.Request.Path == "/at-once" && thread != Environment.CurrentManagedThreadId))
                    {
                        moved.Add(context.Request.Path);
                    }
                });
                app.MapMidflight();
            },
            Site.Code("""
                endpoints.MapGet("/at-once", () => Process.Self.ToString());
                endpoints.MapGet("/later", async () => { var self = Process.Self; await Task.Yield(); return (self == Process.Self, Thread.CurrentThread.IsThreadPoolThread).ToString(); });
                """));

        Assert.StartsWith("<", await site.Get("/at-once"), StringComparison.Ordinal);
        Assert.Equal("(True, True)", await site.Get("/later"));
        Assert.Empty(moved);
    }

    [Fact]
    public async Task A_request_that_never_ends_of_itself_can_be_killed()
    {
        var running = new TaskCompletionSource<Pid>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var site = await Site.Start(
            builder => builder.Services.AddSingleton(running),
            null,
            Version(1, """endpoints.MapGet("/loop", (TaskCompletionSource<Pid> running) => { running.SetResult(Process.Self); for (var i = 0L; ; i++) { } });"""));
        var looping = site.Client.GetAsync("/loop");

        Process.Exit(await running.Task, ExitReason.Kill);

        Assert.Equal(HttpStatusCode.InternalServerError, (await looping).StatusCode);
        Assert.Equal("1", await site.Get("/"));
    }

    [Fact]
    public async Task What_the_program_says_of_its_own_endpoints_counts_for_them_too()
    {
        await using var site = await Site.Start(
            builder =>
            {
                builder.Services.AddAuthentication("test").AddScheme<Microsoft.AspNetCore.Authentication.AuthenticationSchemeOptions, NamedUser>("test", null);
                builder.Services.AddAuthorization();
                builder.Services.AddCors(cors => cors.AddPolicy("there", policy => policy.WithOrigins("http://there")));
                builder.Services.AddRateLimiter(limiter =>
                {
                    limiter.RejectionStatusCode = 429;
                    limiter.AddFixedWindowLimiter("once", window => (window.PermitLimit, window.Window) = (1, TimeSpan.FromHours(1)));
                });
            },
            app =>
            {
                app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = context => context.Response.WriteAsync("sorry") });
                app.UseCors();
                app.UseAuthentication();
                app.UseAuthorization();
                app.UseRateLimiter();
                var all = app.MapGroup("/api").MapMidflight();
                all.Add(endpoint => endpoint.Metadata.Add("all"));
            },
            Site.Code("""
                endpoints.MapGet("/free", (HttpContext context) => string.Join(" ", context.GetEndpoint()!.Metadata.OfType<string>()));
                endpoints.MapGet("/own", (System.Security.Claims.ClaimsPrincipal user) => user.Identity!.Name).RequireAuthorization();
                endpoints.MapGet("/there", () => "there").RequireCors("there");
                endpoints.MapGet("/once", () => "once").RequireRateLimiting("once");
                endpoints.MapGet("/fault", string () => throw new InvalidOperationException("fault"));
                """));

        Assert.Equal("all", await site.Get("/api/free"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(site, "/api/own"));
        Assert.Equal("ann", await site.Get("/api/own?name=ann"));
        var there = await site.Client.SendAsync(new(HttpMethod.Get, "/api/there") { Headers = { { "Origin", "http://there" } } });
        Assert.Equal("http://there", there.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.TooManyRequests), (await Status(site, "/api/once"), await Status(site, "/api/once")));
        Assert.Equal("sorry", await (await site.Client.GetAsync("/api/fault")).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_handler_is_a_process_of_its_application()
    {
        await using var site = await Site.Start(Site.Code("""
            endpoints.MapGet("/", async () =>
            {
                var self = Process.Self;
                var child = Process.Spawn(async ProcessTask () => Process.Send(self, Application.Get("greeting", "hello")));
                Process.Send(self, "and ");
                return await Process.Receive<string>() + await Process.Receive<string>(text => text == "hello");
            });
            """));

        Assert.Equal("and hello", await site.Get("/"));
    }

    [Fact]
    public async Task No_request_is_lost_while_releases_come_and_go()
    {
        await using var site = await Site.Start(Version(1), Version(2));
        using var enough = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 8).Select(async _ =>
        {
            var answers = new HashSet<string>();

            while (!enough.IsCancellationRequested)
            {
                answers.Add(await site.Get("/"));
            }

            return answers;
        }).ToList();

        for (var round = 0; round < 3; round++)
        {
            await site.Install("2");
            await site.Install("1");
        }

        await enough.CancelAsync();
        Assert.All(await Task.WhenAll(clients), answers => Assert.Subset(new HashSet<string> { "1", "2" }, answers));
        Assert.Equal("1", await site.Get("/"));
        site.AssertUnloaded();
    }
}
