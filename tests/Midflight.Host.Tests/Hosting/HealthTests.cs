using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Midflight.Hosting;

namespace Midflight.Host.Tests.Hosting;

/// <summary>What the health check of a host says of its node.</summary>
public sealed class HealthTests
{
    /// <summary>What the application says of itself.</summary>
    public sealed class Mood
    {
        internal string? Ill { get; set; }
    }

    public sealed class Shop(Mood mood) : Application
    {
        protected override ValueTask<Pid> Start(ApplicationStart start) => GenServer.StartLink<Clerk>(null, "clerk");

        protected override ValueTask<string?> Health() => new(mood.Ill);
    }

    public sealed class Clerk : GenServer<int>
    {
        protected override Started<int> Init(object? argument) => 0;

        protected override Answer<int> HandleCast(object message, int state) => Stop(ExitReason.Normal, state);
    }

    private static HostFixture Make(Mood mood, Action<MidflightSettings> configure) =>
        new(configure, services => services.AddSingleton(mood).AddHealthChecks().AddMidflight());

    private static async Task<(HealthStatus Status, string? Description, IReadOnlyDictionary<string, object> Data)> Check(HostFixture host)
    {
        var report = await host.Host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        var entry = report.Entries["midflight"];
        return (entry.Status, entry.Description, entry.Data);
    }

    [Fact]
    public async Task A_node_is_healthy_from_the_end_of_its_start_to_the_begin_of_its_stop()
    {
        await using var host = Make(new Mood(), midflight => midflight.Add<Shop>());
        var lifetime = host.Host.Services.GetRequiredService<IHostApplicationLifetime>();
        Assert.Equal((HealthStatus.Unhealthy, "The node is starting."), await Said());
        await host.Host.StartAsync();
        Assert.Equal((HealthStatus.Healthy, "The node is running."), await Said());
        Assert.True((int)(await Check(host)).Data["processes"] > 0);
        lifetime.StopApplication();
        Assert.Equal((HealthStatus.Unhealthy, "The node is stopping."), await Said());

        async Task<(HealthStatus, string?)> Said() => await Check(host) is var (status, description, _) ? (status, description) : default;
    }

    [Fact]
    public async Task An_application_that_is_ill_or_has_ended_makes_it_unhealthy()
    {
        var mood = new Mood();
        await using var host = Make(mood, midflight => midflight.Add<Shop>());
        var stopping = new TaskCompletionSource();
        host.Host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        await host.Host.StartAsync();
        mood.Ill = "the till is empty";
        var ill = await Check(host);
        Assert.Equal((HealthStatus.Unhealthy, "Application midflight.host.tests is unhealthy: the till is empty."), (ill.Status, ill.Description));

        mood.Ill = null;
        Assert.Equal(HealthStatus.Healthy, (await Check(host)).Status);
        await host.Node.Run(() =>
        {
            GenServer.Cast("clerk", "go home");
            return Task.CompletedTask;
        });
        await stopping.Task;
        var ended = await Check(host);
        Assert.Equal((HealthStatus.Unhealthy, "The permanent application midflight.host.tests ended: normal"), (ended.Status, ended.Description?.TrimEnd('.')));

        // The host was told to stop, with this as its exit code.
        Environment.ExitCode = 0;
    }

    [Fact]
    public async Task A_long_queue_degrades_it()
    {
        var time = new Midflight.Testing.ManualTime();
        await using var host = new HostFixture(null, services => services.AddSingleton<TimeProvider>(time).AddHealthChecks().AddMidflight());
        await host.Host.StartAsync();
        host.Node.Monitor.LongQueue = 3;

        await host.Node.Run(async () =>
        {
            foreach (var word in (string[])["one", "two", "three"])
            {
                Process.Send(Process.Self, word);
            }

            time.Advance(TimeSpan.FromSeconds(5));
            var degraded = await Check(host);
            Assert.Equal((HealthStatus.Degraded, "1 process has 3 messages or more waiting. The log names it."), (degraded.Status, degraded.Description));
        });
    }

    [Fact]
    public async Task A_release_that_is_not_committed_degrades_it()
    {
        const string Source = "public sealed class Counter : GenServer<int> { protected override Started<int> Init(object? argument) => 0; }";
        await using var folder = new ReleaseFolder { IsWhole = true };
        await folder.Start("1", ("demo", Source));
        folder.Package("2", ("demo", Source + " public sealed class Other : GenServer<int> { protected override Started<int> Init(object? argument) => 0; }"));
        await using var host = Make(new Mood(), midflight => midflight.Release = folder.Layout.Root);
        await host.Host.StartAsync();
        var healthy = await Check(host);
        Assert.Equal((HealthStatus.Healthy, "1", "permanent", 0), (healthy.Status, healthy.Data["release"], healthy.Data["status"], healthy.Data["notUnloaded"]));

        var releases = host.Host.Services.GetRequiredService<NodeService>().Releases!;
        await releases.Install("2", new InstallSettings { Commit = false });
        var degraded = await Check(host);
        Assert.Equal((HealthStatus.Degraded, "Upgrade 1 → 2: OnProbation.", "current"), (degraded.Status, degraded.Description, degraded.Data["status"]));

        await releases.Commit("2");
        Assert.Equal((HealthStatus.Healthy, "permanent"), ((await Check(host)).Status, (await Check(host)).Data["status"]));
    }
}
