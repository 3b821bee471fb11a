using Microsoft.Extensions.DependencyInjection;
using Midflight.Releases;

namespace Midflight.Host.Tests.Hosting;

/// <summary>What the constructors of modules are given by the host.</summary>
public sealed class ServiceTests
{
    private static ApplicationImage Image(int version, string parameters = "System.IProgress<string> progress, Microsoft.Extensions.Logging.ILogger<Counter> logger, int most = 7") =>
        Compile.Application("counter", $$"""
            public sealed class Counter({{parameters}}) : GenServer<int>
            {
                protected override Started<int> Init(object? argument) => 0;

                protected override Answer<int> HandleCall(object request, int state)
                {
                    progress.Report($"v{{version}} counts {state + 1} of {most}");
                    logger.Log<string>(Microsoft.Extensions.Logging.LogLevel.Information, default, "counted", null, (text, _) => text);
                    return Reply(state + 1, state + 1);
                }
            }
            """, $"0.{version}.0");

    private static async Task Load(HostFixture host, ApplicationImage image) => (await host.Code.Load([image], null)).OrThrow();

    // In a method of its own, so that no variable of a test keeps the code in memory.
    private static async Task<Pid> Start(HostFixture host)
    {
        Pid counter = default;
        await host.Node.Run(async () => counter = await GenServer.Start(host.Code.FindModule("Counter")!, null));
        return counter;
    }

    private static async Task Count(HostFixture host, Pid counter) => await host.Node.Run(async () => await GenServer.Call<int>(counter, "count"));

    [Fact]
    public async Task Each_code_version_gets_its_services_anew_and_they_go_with_it()
    {
        await using var host = new HostFixture();
        await host.Host.StartAsync();
        await Load(host, Image(1));
        var counter = await Start(host);
        await Count(host, counter);
        await Count(host, counter);

        await Load(host, Image(2));
        await Count(host, counter);
        var unloaded = Assert.Single((await host.Code.Purge("counter", PurgeMethod.Soft)).Prove(host.Node));
        await Count(host, counter);

        // Not even the logger of its own category keeps the old version in memory.
        Assert.Equal("counter 0.1.0 (#1) is unloaded.", unloaded.ToString());
        Assert.Equal(
            ["1: v1 counts 1 of 7", "1: v1 counts 2 of 7", "2: v2 counts 3 of 7", "1: disposed", "2: v2 counts 4 of 7"],
            host.Tally.Lines);
        Assert.Equal(4, host.Log.Lines.Count(line => line.Message == "Counter: counted"));

        await host.Host.StopAsync();
        Assert.Equal("2: disposed", host.Tally.Lines[^1]);
    }

    [Fact(Timeout = 60_000)]
    [Trait("Category", "Stress")]
    public async Task A_module_that_many_start_at_once_is_made_once_from_one_scope()
    {
        const int Rounds = 300;
        var tally = new Tally();
        await using var host = new HostFixture(services: services => services
            .AddKeyedSingleton("greeting", new Version(1, 2))
            .AddTransient<IProgress<string>>(_ => tally.Make()));

        for (var round = 0; round < Rounds; round++)
        {
            var table = new ModuleTable(host.Node.Factories);
            using var together = new Barrier(4);
            var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    together.SignalAndWait();
                    return table.Get(typeof(Greeter));
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));
            Assert.Single(made.Distinct());
            table.Close();
        }

        // Each round has made one service, for one instance, and none is left.
        Assert.Equal(Enumerable.Range(1, Rounds).Select(number => $"{number}: disposed"), tally.Lines);
    }

    [Theory]
    [InlineData("System.IProgress<string> progress, System.IProgress<long> other", "asks the host for IProgress<Int64>, which it does not have. Register it with `builder.Services`, or give the parameter a default.")]
    [InlineData("System.IProgress<string> progress, Counter other", "asks the host for Counter, which is a type of hot code, and services outlive it. Ask for a type that the host and the application share.")]
    [InlineData("System.IProgress<string> progress, System.Collections.Generic.List<Counter> others", "asks the host for List<Counter>, which is a type of hot code, and services outlive it. Ask for a type that the host and the application share.")]
    public async Task A_version_that_cannot_have_its_services_is_not_loaded_and_the_one_before_goes_on(string parameters, string sentence)
    {
        await using var host = new HostFixture();
        await host.Host.StartAsync();
        await Load(host, Image(1));
        var counter = await Start(host);

        var refused = Assert.IsType<LoadResult.Refused>(await host.Code.Load([Compile.Application("counter", $$"""
            public sealed class Counter({{parameters}}) : GenServer<int>
            {
                public object Used => new object[] { {{string.Join(", ", parameters.Split(", ").Select(parameter => parameter.Split(' ')[^1]))}} };

                protected override Started<int> Init(object? argument) => 0;
            }
            """, "0.2.0")], null));

        Assert.Equal(
            $"counter 0.2.0 was not loaded: The constructor of Counter threw InvalidOperationException: Counter {sentence} Fix it; the previous version stays current.",
            refused.Why.ToString());
        await Count(host, counter);
        Assert.Equal("1: v1 counts 1 of 7", host.Tally.Lines[^1]);
    }

    [Fact]
    public async Task A_module_with_two_constructors_is_refused()
    {
        await using var host = new HostFixture();
        await host.Host.StartAsync();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => host.Node.Run(async () => await GenServer.Start<Torn>()));

        Assert.Equal("Midflight.Host.Tests.Hosting.ServiceTests+Torn has 2 constructors. Keep one, with the services that it needs.", failure.Message);
    }

    public sealed class Torn : GenServer<int>
    {
        public Torn()
        {
        }

        public Torn(IServiceProvider services) => Services = services;

        public IServiceProvider? Services { get; }

        protected override Started<int> Init(object? argument) => 0;
    }

    [Fact]
    public async Task Code_that_is_not_hot_gets_services_too_keyed_ones_as_well_and_keeps_them_until_the_host_stops()
    {
        await using (var host = new HostFixture(services: services => services.AddKeyedSingleton("greeting", new Version(1, 2))))
        {
            await host.Host.StartAsync();

            await host.Node.Run(async () =>
            {
                var first = await GenServer.Start<Greeter>();
                var second = await GenServer.Start<Greeter>();
                Assert.Equal("1.2", await GenServer.Call<string>(first, "greet"));
                Assert.Equal("1.2", await GenServer.Call<string>(second, "greet"));
            });

            await host.Host.StopAsync();
            Assert.Equal(["1: greets", "1: greets", "1: disposed"], host.Tally.Lines);
        }
    }

    public sealed class Greeter(IProgress<string> progress, [FromKeyedServices("greeting")] Version version) : GenServer<int>
    {
        protected override Started<int> Init(object? argument) => 0;

        protected override Answer<int> HandleCall(object request, int state)
        {
            progress.Report("greets");
            return Reply(version.ToString(), state);
        }
    }
}
