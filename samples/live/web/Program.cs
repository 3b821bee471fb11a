var builder = WebApplication.CreateBuilder(args);
builder.AddMidflight(midflight => midflight.Release = builder.Configuration["release"]);

var app = builder.Build();
app.MapMidflight();
app.Run();
