using System.Text.Json;
using System.Text.RegularExpressions;
using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>A release started from the disk.</summary>
public sealed partial class HostedNodeTests
{
    // Registers under the name of the application a process that greets as the configuration says.
    private static string Greeting(string application) => $$"""
        namespace {{application}};

        public sealed class Starter : Application
        {
            protected override async ValueTask<Pid> Start(ApplicationStart start) => await GenServer.StartLink<Greeter>(null, start.Name);

            protected override ValueTask Stop()
            {
                Node.Current.Logger.Log<string>(Microsoft.Extensions.Logging.LogLevel.Information, default, "{{application}} stops", null, (text, _) => text);
                return default;
            }

            protected override ValueTask StartPhase(string phase, System.Text.Json.JsonElement argument)
            {
                Node.Current.Logger.Log<string>(
                    Microsoft.Extensions.Logging.LogLevel.Information, default, $"{{application}} enters {phase} {argument}, {Application.GetFrom<string>("{{application}}", "greeting")}", null, (text, _) => text);
                return default;
            }
        }

        public sealed class Greeter : GenServer<string>
        {
            protected override Started<string> Init(object? argument) => Application.Get<string>("greeting");

            protected override Answer<string> HandleCall(object request, string state) =>
                request is "crash" ? throw new InvalidOperationException("asked to") : Reply($"{state} from {{application}}", state);
        }
        """;

    [Fact]
    public async Task A_release_starts_with_its_applications_in_order_and_stops_them_in_reverse()
    {
        using var release = new ReleaseFixture()
            .With("lower", "0.1.0", Greeting("lower"), "lower.Starter")
            .With("top", "0.2.0", Greeting("top"), "top.Starter", uses: "lower")
            .With("lazy", "0.3.0", Greeting("lazy"), "lazy.Starter", StartType.Load)
            .Release("greetings", "1.0.0", """{"top": {"greeting": "Howdy"}}""");
        var log = new CapturedLog();

        var node = await HostedNode.Start(release.Layout, "1.0.0", log);

        Assert.Equal("greetings", node.Name);
        Assert.Equal(["lower 0.1.0 Permanent", "top 0.2.0 Permanent"], node.Node.Applications.Running.Select(one => $"{one.Name} {one.Version} {one.Mode}"));
        Assert.Equal(["lazy 0.3.0 (#1)", "lower 0.1.0 (#1)", "top 0.2.0 (#1)"], node.Code.Which().Select(one => one.Current!.ToString()));
        await node.Node.Run(async () =>
        {
            Assert.Equal("Hello from lower", await GenServer.Call<string>("lower", "greet"));
            Assert.Equal("Howdy from top", await GenServer.Call<string>("top", "greet"));
        });

        await node.DisposeAsync();

        Assert.Equal(["top stops", "lower stops"], log.Lines.Select(line => line.Message).Where(message => message.EndsWith(" stops", StringComparison.Ordinal)));
        Assert.Equal("greetings has stopped.", log.Lines[^1].Message);
    }

    [Fact]
    public async Task An_included_application_is_loaded_and_told_of_start_phases_and_started_by_who_includes_it()
    {
        static ApplicationSpec Phase(ApplicationSpec spec, string argument) =>
            spec with { StartPhases = [new StartPhase("open", JsonDocument.Parse(argument).RootElement)] };
        using var release = new ReleaseFixture()
            .With("inner", "0.1.0", Greeting("inner"), "inner.Starter").Saying(spec => Phase(spec, "1"))
            .With("top", "0.2.0", Greeting("top"), "top.Starter").Saying(spec => Phase(spec, "2") with { IncludedApplications = ["inner"] })
            .With("user", "0.3.0", Greeting("user"), "user.Starter", uses: "inner")
            .Release("greetings", "1.0.0", """{"inner": {"greeting": "Moin"}}""");
        var log = new CapturedLog();

        await using var node = await HostedNode.Start(release.Layout, "1.0.0", log);

        Assert.Equal(["top", "user"], node.Node.Applications.Running.Select(one => one.Name));
        Assert.Equal(["top enters open 2, Hello", "inner enters open 1, Moin"], log.Lines.Select(line => line.Message).Where(line => line.Contains("enters", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_node_serves_until_it_is_told_to_stop_and_logs_one_line_for_each_step()
    {
        using var release = new ReleaseFixture().With("lower", "0.1.0", Greeting("lower"), "lower.Starter").Release("greetings", "1.0.0");
        await using var output = new StringWriter { NewLine = "\n" };
        HostedNode? seen = null;

        var end = NodeBoot.Run(release.Layout.Root, "1.0.0", output, (node, stop) =>
        {
            seen = node;
            stop(new NodeEnd.Exit(0));
            return new Doors(output);
        });

        Assert.Equal(new NodeEnd.Exit(0), end);
        Assert.NotNull(seen);
        Assert.Equal(
            """
            … info  Application lower 0.1.0 started.
            … info  greetings 1.0.0 is ready, … ms after its start.
            doors closed
            … info  lower stops
            … info  Application lower 0.1.0 stopped.
            … info  greetings has stopped.

            """,
            Numbers().Replace(output.ToString(), "…"));
    }

    [Fact]
    public async Task The_end_of_a_permanent_application_is_that_of_the_node()
    {
        using var release = new ReleaseFixture().With("lower", "0.1.0", Greeting("lower"), "lower.Starter").Release("greetings", "1.0.0");
        await using var output = new StringWriter();

        var end = NodeBoot.Run(release.Layout.Root, "1.0.0", output, (node, _) =>
        {
            var crash = node.Node.Run(async () => await GenServer.Call<string>("lower", "crash"));
            return new Doors(TextWriter.Null);
        });

        Assert.Equal(new NodeEnd.Exit(1), end);
        Assert.Contains("fatal The permanent application lower ended:", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("So the node ends.", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_is_told_to_stop_while_it_stops_to_become_another_ends()
    {
        using var release = new ReleaseFixture().With("lower", "0.1.0", Greeting("lower"), "lower.Starter").Release("greetings", "1.0.0");
        using var signals = new StopSignals();

        var end = NodeBoot.Run(
            release.Layout.Root,
            "1.0.0",
            TextWriter.Null,
            (_, stop) =>
            {
                stop(new NodeEnd.GoOn("1.0.0", "1.0.0"));
                return new Doors(TextWriter.Null) { Closing = signals.Tell };
            },
            signals: signals);

        Assert.Equal(new NodeEnd.Exit(0), end);
    }

    [Fact]
    public async Task A_node_whose_doors_cannot_be_opened_says_why_in_one_line()
    {
        using var release = new ReleaseFixture().With("lower", "0.1.0", Greeting("lower"), "lower.Starter").Release("greetings", "1.0.0");
        await using var output = new StringWriter();

        var end = NodeBoot.Run(release.Layout.Root, "1.0.0", output, (_, _) => throw new InvalidDataException("RELEASES.json is not a list."));

        Assert.Equal(new NodeEnd.Exit(1), end);
        Assert.EndsWith($"fatal RELEASES.json is not a list.{Environment.NewLine}", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_node_of_the_same_release_does_not_start()
    {
        using var release = new ReleaseFixture().With("lower", "0.1.0", Greeting("lower"), "lower.Starter").Release("greetings", "1.0.0");
        await using var output = new StringWriter();
        NodeEnd? second = null;

        NodeBoot.Run(release.Layout.Root, "1.0.0", TextWriter.Null, (_, stop) =>
        {
            second = NodeBoot.Run(release.Layout.Root, "1.0.0", output);
            stop(new NodeEnd.Exit(0));
            return new Doors(TextWriter.Null);
        });

        Assert.Equal(new NodeEnd.Exit(1), second);
        Assert.Contains($"fatal A node is already running at {release.Layout.Root}", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lower.Missing", "{}", "greetings 1.0.0 was not started: lower 0.1.0 starts with lower.Missing, which is not in its code. Build the release again with `midflight release`.")]
    [InlineData("lower.Greeter", "{}", "greetings 1.0.0 was not started: lower 0.1.0 starts with lower.Greeter, which does not derive from Midflight.Application. Build the release again with `midflight release`.")]
    [InlineData("lower.Starter", "[1]", "config.json is not a configuration: ")]
    [InlineData("lower.Starter", """{"lower": {"greeting": 5}}""", "greetings 1.0.0 was not started: Application lower 0.1.0 was not started: ")]
    public async Task A_release_that_cannot_start_says_why(string start, string configuration, string expected)
    {
        using var release = new ReleaseFixture().With("lower", "0.1.0", Greeting("lower"), start).Release("greetings", "1.0.0", configuration);

        var failure = await Assert.ThrowsAsync<BootFailedException>(() => HostedNode.Start(release.Layout, "1.0.0", new CapturedLog()));

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_release_that_is_not_there_says_so()
    {
        using var release = new ReleaseFixture();

        var failure = await Assert.ThrowsAsync<BootFailedException>(() => HostedNode.Start(release.Layout, "9.9.9", new CapturedLog()));

        Assert.Equal($"Release 9.9.9 was not started: {release.Layout.BootFile("9.9.9")} is missing. Unpack the release again.", failure.Message);
    }

    [GeneratedRegex(@"^\d{4}-\S+ \S+Z|(?<=, )\d+(?= ms)", RegexOptions.Multiline)]
    private static partial Regex Numbers();

    private sealed class Doors(TextWriter output) : IAsyncDisposable
    {
        public Action? Closing { get; init; }

        public ValueTask DisposeAsync()
        {
            Closing?.Invoke();
            output.WriteLine("doors closed");
            return default;
        }
    }
}
