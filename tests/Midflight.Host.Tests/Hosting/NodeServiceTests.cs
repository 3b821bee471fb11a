using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Midflight.Hosting;
using Midflight.Releases.Packages;

namespace Midflight.Host.Tests.Hosting;

/// <summary>A node starts and stops with its host.</summary>
public sealed class NodeServiceTests
{
    /// <summary>What a worker does when it is told to end; by services, as its constructor is given them.</summary>
    public sealed class Farewell
    {
        internal Func<Task>? Until { get; init; }

        internal TaskCompletionSource Asked { get; } = new();
    }

    public sealed class Shop(IProgress<string> progress) : Application
    {
        protected override ValueTask<Pid> Start(ApplicationStart start)
        {
            progress.Report($"{start.Name} starts");
            return GenServer.StartLink<Floor>();
        }

        protected override ValueTask Stop()
        {
            progress.Report("stopped");
            return default;
        }
    }

    public sealed class Floor : Supervisor
    {
        protected override SupervisorSpec Init(object? argument) =>
            new(Strategy.OneForOne, [Child.Of<Clerk>() with { Name = "clerk", Shutdown = Shutdown.Infinity }]) { Intensity = new(0, TimeSpan.FromSeconds(5)) };
    }

    public sealed class Clerk(Farewell farewell) : GenServer<int>
    {
        protected override Started<int> Init(object? argument)
        {
            Process.TrapExits = true;
            return 0;
        }

        protected override Answer<int> HandleCast(object message, int state) => throw new InvalidOperationException("robbed");

        protected override async ValueTask TerminateAsync(ExitReason reason, int state)
        {
            farewell.Asked.TrySetResult();
            await (farewell.Until?.Invoke() ?? Task.CompletedTask);
        }
    }

    private static HostFixture Make(Farewell farewell, Action<MidflightSettings> configure) => new(configure, services => services.AddSingleton(farewell));

    [Fact]
    public async Task Applications_start_and_stop_with_the_host_in_order_and_log_with_its_loggers()
    {
        await using var host = Make(new Farewell(), midflight => midflight
            .Add(new ApplicationDefinition("shop", "1.0.0", typeof(Shop)) { Dependencies = ["paper"] })
            .Add(new ApplicationDefinition("paper", "1.0.0", null)));

        await host.Host.StartAsync();
        Assert.Equal("shop", host.Node.Applications.Running[^1].Name);
        await host.Host.StopAsync();

        // Its start module is of code that is not hot, so all of it has one scope.
        Assert.Equal(["1: shop starts", "1: stopped", "1: disposed"], host.Tally.Lines);
        Assert.Equal(
            ["Midflight: Application paper 1.0.0 started.", "Midflight: Application shop 1.0.0 started.", "Midflight: Application shop 1.0.0 stopped.", "Midflight: Application paper 1.0.0 stopped."],
            host.Log.Lines.Select(line => line.Message).Where(line => line.StartsWith("Midflight: Application", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_has_not_stopped_in_the_time_of_the_host_is_killed()
    {
        var farewell = new Farewell { Until = () => new TaskCompletionSource().Task };
        await using var host = Make(farewell, midflight => midflight.Add<Shop>());
        await host.Host.StartAsync();
        using var time = new CancellationTokenSource();

        var stopping = host.Host.StopAsync(time.Token);
        await farewell.Asked.Task;
        Assert.False(stopping.IsCompleted);
        await time.CancelAsync();

        await stopping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        Assert.Equal(0, host.Node.ProcessCount);
        Assert.Contains(
            "Midflight: The host's ShutdownTimeout is over and midflight.host.tests not stopped; their processes are killed. Give them less time in their supervisors, or give the host more.",
            host.Log.Lines.Select(line => line.Message));
    }

    [Theory]
    [InlineData(StartMode.Permanent, true)]
    [InlineData(StartMode.Temporary, false)]
    public async Task The_host_stops_when_an_application_ends_whose_end_is_that_of_the_node(StartMode mode, bool stops)
    {
        await using var host = Make(new Farewell(), midflight => midflight.Add<Shop>(mode));
        var stopping = new TaskCompletionSource();
        host.Host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        await host.Host.StartAsync();

        await host.Node.Run(() =>
        {
            GenServer.Cast("clerk", "rob");
            return Task.CompletedTask;
        });

        if (stops)
        {
            await stopping.Task;
            Assert.Contains("Midflight: The permanent application midflight.host.tests ended: shutdown So the host stops.", host.Log.Lines.Select(line => line.Message));
            Assert.Equal(1, Environment.ExitCode);
            Environment.ExitCode = 0;
        }
        else
        {
            while (host.Node.Applications.Running.Count > 0)
            {
                await Task.Yield();
            }

            Assert.False(stopping.Task.IsCompleted);
        }
    }

    [Fact]
    public async Task A_host_whose_application_does_not_start_does_not_start()
    {
        await using var host = new HostFixture(midflight => midflight.Add(new ApplicationDefinition("kiosk", "1.0.0", null) { Dependencies = ["press"] }));

        var refused = await Assert.ThrowsAsync<ApplicationRefusedException>(() => host.Host.StartAsync());

        Assert.Equal("Application kiosk needs press, which is neither running nor about to start. Start press first, or add it to the release.", refused.Message);
    }

    [Fact]
    public async Task A_release_runs_in_a_host_with_its_services_and_its_door()
    {
        using var release = new ReleaseFixture().With("greeter", "0.1.0", """
            public sealed class Starter(System.IProgress<string> progress) : Application
            {
                protected override ValueTask<Pid> Start(ApplicationStart start)
                {
                    progress.Report($"{start.Name} {start.Version}");
                    return GenServer.StartLink<Greeter>(null, "greeter");
                }
            }

            public sealed class Greeter(System.IProgress<string> progress) : GenServer<string>
            {
                protected override Started<string> Init(object? argument) => Application.Get<string>("greeting");

                protected override Answer<string> HandleCall(object request, string state)
                {
                    progress.Report("greets");
                    return Reply(state, state);
                }
            }
            """, "Starter").Release("greetings", "1.0.0");
        new StartFile("1.0.0", "1.0.0", null).Write(release.Layout);
        await using var host = new HostFixture(midflight => midflight.Release = release.Layout.Root);

        await host.Host.StartAsync();
        await host.Node.Run(async () => Assert.Equal("Hello", await GenServer.Call<string>("greeter", "greet")));
        Assert.True(File.Exists(release.Layout.ControlSocket));
        await host.Host.StopAsync();
        await host.DisposeAsync();

        Assert.Single(host.Log.Lines, line => line.Message == "Midflight: greetings has stopped.");
        Assert.Equal(["1: greeter 0.1.0", "1: greets", "1: disposed"], host.Tally.Lines);
        Assert.False(File.Exists(release.Layout.PidFile));
    }

    [Fact]
    public async Task A_folder_without_a_release_is_named()
    {
        var folder = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString());
        await using var host = new HostFixture(midflight => midflight.Release = folder);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => host.Host.StartAsync());

        Assert.Equal($"There is no committed release in {folder}. Unpack one there that `midflight release` has built, or correct the folder that AddMidflight names.", failure.Message);
    }
}
