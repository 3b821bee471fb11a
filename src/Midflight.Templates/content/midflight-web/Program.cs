using Midflight;
using MidflightWeb;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton(TimeProvider.System);
builder.AddMidflight(midflight => midflight.Release = builder.Configuration["Release"]);
builder.Services.AddHealthChecks().AddMidflight();

var app = builder.Build();
// A request is a call: whichever version of the counter runs answers it.
app.MapGet("/", async (string? who) => await GenServer.Call<string>("counter", new Visit(who ?? "somebody")));
app.MapHealthChecks("/health");
app.Run();
