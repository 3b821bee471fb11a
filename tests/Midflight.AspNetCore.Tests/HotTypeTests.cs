using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Midflight.AspNetCore.Tests;

/// <summary>All that ASP.NET Core does with types, it does with those of hot code, and lets them go.</summary>
public sealed class HotTypeTests
{
    internal const string Types = """
        using System.ComponentModel.DataAnnotations;
        using System.Text.Json;

        public sealed record Item(string Name, int Count, Colour Colour);

        public enum Colour { Red, Green }

        public readonly record struct Id(int Number)
        {
            public static bool TryParse(string text, out Id id) => (id = int.TryParse(text, out var number) ? new Id(number) : default).Number > 0;
        }

        public sealed record Page(int From, int Size)
        {
            public static ValueTask<Page?> BindAsync(HttpContext context) => new(new Page(int.Parse(context.Request.Query["from"]!), 10));
        }

        public sealed class Query
        {
            public string? Text { get; set; }
            public Id Id { get; set; }
        }

        public sealed class Form
        {
            public string? Text { get; set; }
            public List<Line> Lines { get; set; } = [];
        }

        public sealed class Line
        {
            public int Number { get; set; }
        }

        public sealed class Upper : IEndpointFilter
        {
            public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
                await next(context) is string text ? text.ToUpperInvariant() : null;
        }

        public sealed class Odd : ValidationAttribute
        {
            public override bool IsValid(object? value) => value is int number && number % 2 == 1;
        }

        public sealed class Checked
        {
            [Range(1, 5)] public int Stars { get; set; }
        }

        public interface ITally { int Next(); }

        public sealed class Tally(ILogger<Tally> logger, IProgress<string> progress) : ITally, IDisposable
        {
            private int _next;

            public int Next()
            {
                logger.LogInformation("next");
                return ++_next;
            }

            public void Dispose() => progress.Report("disposed");
        }
        """;

    internal const string Map = """
        var group = endpoints.MapGroup("/items");
        group.MapPost("/", (Item item) => TypedResults.Created($"/items/{item.Name}", item with { Count = item.Count + 1 }));
        group.MapGet("/{id}", (Id id) => Results.Json(new Item("n", id.Number, Colour.Green)));
        group.MapGet("/all", () => new[] { new Item("a", 1, Colour.Red) }.ToAsyncEnumerable());
        endpoints.MapGet("/page", (Page page) => page.From + page.Size);
        endpoints.MapGet("/query", ([AsParameters] Query query) => $"{query.Text} {query.Id.Number}");
        endpoints.MapPost("/form", ([Microsoft.AspNetCore.Mvc.FromForm] Form form) => $"{form.Text} {form.Lines.Sum(line => line.Number)}").DisableAntiforgery();
        endpoints.MapGet("/upper", () => "quiet").AddEndpointFilter<Upper>();
        endpoints.MapGet("/odd", ([Odd] int number) => number);
        endpoints.MapGet("/checked", (int stars) =>
        {
            var one = new Checked { Stars = stars };
            return Validator.TryValidateObject(one, new(one), null, true);
        });
        endpoints.MapGet("/plain", () => JsonSerializer.Serialize(new Item("p", 1, Colour.Red)));
        endpoints.MapGet("/read", async (HttpContext context) => { await context.Response.WriteAsJsonAsync(new Item("w", 1, Colour.Red)); });
        endpoints.MapGet("/tally", (ITally tally, ITally same, ILogger<Item> logger) => { logger.LogInformation("tally"); return tally.Next() + same.Next(); });
        endpoints.MapGet("/either", Microsoft.AspNetCore.Http.HttpResults.Results<Microsoft.AspNetCore.Http.HttpResults.Ok<Item>, Microsoft.AspNetCore.Http.HttpResults.NotFound> (int id) =>
            id == 1 ? TypedResults.Ok(new Item("e", 1, Colour.Red)) : TypedResults.NotFound());
        """;

    internal sealed class Progress : IProgress<string>
    {
        public List<string> Lines { get; } = [];

        public void Report(string value) => Lines.Add(value);
    }

    internal static void Build(WebApplicationBuilder builder, IProgress<string> progress)
    {
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.Converters.Add(new System.Text.Json.Serialization.JsonStringEnumConverter()));
        builder.Services.AddValidation();
        builder.Services.AddAntiforgery();
        builder.Services.AddSingleton(progress);
    }

    private static async Task Use(Site site)
    {
        var web = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        var created = await site.Client.PostAsJsonAsync("/items", new { Name = "x", Count = 1, Colour = "Green" }, web);
        Assert.Equal("/items/x", created.Headers.Location!.ToString());
        Assert.Equal("""{"name":"x","count":2,"colour":"Green"}""", await created.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.BadRequest, (await site.Client.PostAsJsonAsync("/items", new { Count = "x" })).StatusCode);
        Assert.Equal("""{"name":"n","count":7,"colour":"Green"}""", await site.Get("/items/7"));
        Assert.Equal("""[{"name":"a","count":1,"colour":"Red"}]""", await site.Get("/items/all"));
        Assert.Equal("30", await site.Get("/page?from=20"));
        Assert.Equal("t 5", await site.Get("/query?text=t&id=5"));
        var form = await site.Client.PostAsync("/form", new FormUrlEncodedContent(new Dictionary<string, string> { ["Text"] = "f", ["Lines[0].Number"] = "1", ["Lines[1].Number"] = "2" }));
        Assert.Equal("f 3", await form.Content.ReadAsStringAsync());
        Assert.Equal("QUIET", await site.Get("/upper"));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), ((await site.Client.GetAsync("/odd?number=1")).StatusCode, (await site.Client.GetAsync("/odd?number=2")).StatusCode));
        Assert.Equal(("true", "false"), (await site.Get("/checked?stars=5"), await site.Get("/checked?stars=6")));
        Assert.Equal("""{"Name":"p","Count":1,"Colour":0}""", await site.Get("/plain"));
        Assert.Equal("""{"name":"w","count":1,"colour":"Red"}""", await site.Get("/read"));
        Assert.Equal("3", await site.Get("/tally"));
        Assert.Equal("""{"name":"e","count":1,"colour":"Red"}""", await site.Get("/either?id=1"));
        Assert.Equal(HttpStatusCode.NotFound, (await site.Client.GetAsync("/either?id=2")).StatusCode);
    }

    [Fact]
    public async Task Binding_results_filters_validation_JSON_and_services_work_with_them_and_let_their_version_go()
    {
        var progress = new Progress();
        await using var site = await Site.Start(
            builder => Build(builder, progress),
            app =>
            {
                app.UseRouting();
                app.MapMidflight();
            },
            Site.Code(Map, Types, "services.AddScoped<ITally, Tally>();"),
            Site.Code(Map + """endpoints.MapGet("/second", () => "second");""", Types, "services.AddScoped<ITally, Tally>();"));

        await Use(site);
        Assert.Equal(["disposed"], progress.Lines);
        await site.Install("2");
        Assert.Equal("second", await site.Get("/second"));
        site.AssertUnloaded();
        await Use(site);
        await site.Install("1");
        site.AssertUnloaded();
        await Use(site);
    }
}
