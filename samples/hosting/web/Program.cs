using Midflight;
using Visits;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton(TimeProvider.System);
builder.AddMidflight(midflight => midflight.Release = builder.Configuration["release"]);
builder.Services.AddHealthChecks().AddMidflight();

var app = builder.Build();
app.MapGet("/", async (string? who) => await GenServer.Call<string>("visits", new Visit(who ?? "visit")));
app.MapHealthChecks("/health");
app.Run();
