using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>What a listener learns of upgrades.</summary>
[Collection(nameof(Alone))]
public sealed class UpgradeTelemetryTests
{
    // Hears the spans of one trace, and all that is counted of upgrades.
    private sealed class Ear : IDisposable
    {
        private readonly ConcurrentQueue<Activity> _spans = new();
        private readonly ConcurrentQueue<(string Name, double Value, string? Tag)> _counted = new();
        private readonly ActivityListener _listener;
        private readonly MeterListener _meters = new();

        internal Ear()
        {
            _listener = new()
            {
                ShouldListenTo = source => source.Name == "Midflight",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = _spans.Enqueue,
            };
            ActivitySource.AddActivityListener(_listener);
            _meters.InstrumentPublished = (instrument, to) =>
            {
                if (instrument.Meter.Name == "Midflight")
                {
                    to.EnableMeasurementEvents(instrument);
                }
            };
            _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Hear(instrument, value, tags));
            _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Hear(instrument, value, tags));
            _meters.Start();
        }

        internal Activity Root { get; } = new("test");

        internal IReadOnlyList<Activity> Spans => [.. _spans.Where(span => span.TraceId == Root.TraceId)];

        /// <summary>Each upgrade span with those below it, in the order in which they began.</summary>
        internal string Tree(Activity? of = null) => string.Join(
            ' ',
            Spans.Where(span => span.ParentSpanId == (of ?? Root).SpanId).OrderBy(span => span.StartTimeUtc)
                .Select(span => Tree(span) is { Length: > 0 } below ? $"{span.OperationName}({below})" : span.OperationName));

        internal IReadOnlyList<string> Upgrades => [.. _counted.Where(entry => entry.Name == "midflight.upgrades").Select(entry => entry.Tag!)];

        internal double Sum(string name, string? tag = null) =>
            _counted.Where(entry => entry.Name == name && (tag is null || entry.Tag == tag)).Sum(entry => entry.Value);

        internal double Now(string name, string tag)
        {
            _meters.RecordObservableInstruments();
            return _counted.Last(entry => entry.Name == name && entry.Tag == tag).Value;
        }

        private void Hear(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var all = tags.ToArray();
            _counted.Enqueue((instrument.Name, value, all.All(tag => tag.Value is string) ? (string?)all.LastOrDefault().Value : "no text"));
        }

        public void Dispose()
        {
            Root.Dispose();
            _listener.Dispose();
            _meters.Dispose();
        }
    }

    private static string Shop(int version, string health = "(string?)null") => $$"""
        public sealed class Shop : Application
        {
            protected override ValueTask<Pid> Start(ApplicationStart start) => GenServer.StartLink<Till>(null, "till");

            protected override ValueTask<string?> Health() => new({{health}});
        }

        public sealed class Till : GenServer<int>
        {
            protected override Started<int> Init(object? argument) => 0;

            protected override Answer<int> HandleCall(object request, int state) => Reply({{version}}, state);
        }
        """;

    private static async Task ReachProbation(ReleaseFolder folder, Task installing)
    {
        while (folder.Handler.LastUpgrade?.Phase != UpgradePhase.OnProbation && !installing.IsCompleted)
        {
            await Task.Yield();
        }
    }

    // Only that: the way back has time-outs of its own.
    private static async Task PassProbation(ReleaseFolder folder)
    {
        while (folder.Handler.LastUpgrade?.Phase == UpgradePhase.OnProbation)
        {
            folder.Node.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }

    private static async Task<ReleaseFolder> Folder(string second)
    {
        var folder = new ReleaseFolder { IsWhole = true };
        await folder.Start("1", ("shop", Shop(1)));
        folder.Package("2", ("shop", second));
        return folder;
    }

    [Fact]
    public async Task An_upgrade_is_one_span_with_its_steps_below_and_is_counted()
    {
        using var ear = new Ear();
        await using var folder = await Folder(Shop(2));
        ear.Root.Start();
        await folder.Handler.Install("2", InstallSettings.Default);

        Assert.Equal("upgrade(unpack check(load prepare rehearse) switch(sweep) probation commit)", ear.Tree());
        Assert.All(ear.Spans, span => Assert.Equal(ActivityStatusCode.Unset, span.Status));
        var upgrade = Assert.Single(ear.Spans, span => span.OperationName == "upgrade");
        Assert.Equal(
            ["midflight.from: 1", "midflight.outcome: installed", "midflight.release: demo", "midflight.to: 2", "midflight.verdict: hot"],
            upgrade.TagObjects.Select(tag => $"{tag.Key}: {tag.Value}").Order(StringComparer.Ordinal));
        Assert.Equal(["committed", "installed"], ear.Upgrades);
        Assert.True(ear.Sum("midflight.upgrade.switch.duration") > 0);
        Assert.Equal(1, ear.Sum("midflight.conversions", "switch"));
        Assert.Equal(1, ear.Now("midflight.code.versions", "current"));
    }

    [Fact]
    public async Task A_release_that_is_ill_on_its_probation_is_rolled_back()
    {
        using var ear = new Ear();
        await using var folder = await Folder(Shop(2, "\"The till is empty.\""));
        ear.Root.Start();
        var failed = await Assert.ThrowsAsync<UpgradeFailedException>(() => folder.Handler.Install("2", new() { Probation = TimeSpan.FromMinutes(1) }));

        Assert.Equal("Release 2 did not pass its probation: Application shop is unhealthy: The till is empty. Rolled back: 1 is still running.", failed.Message);
        await folder.Node.Run(async () => Assert.Equal(1, await GenServer.Call<int>("till", "version")));
        Assert.Equal(["rolled_back"], ear.Upgrades);
        Assert.Equal(
            [("probation", "Application shop is unhealthy: The till is empty."), ("upgrade", failed.Message)],
            ear.Spans.Where(span => span.Status == ActivityStatusCode.Error).Select(span => (span.OperationName, span.StatusDescription)));
        Assert.Contains(ear.Spans, span => span is { OperationName: "rollback", Status: ActivityStatusCode.Unset });
    }

    [Fact]
    public async Task An_application_that_falls_ill_later_in_the_probation_is_noticed()
    {
        // Well when it is asked at the beginning, ill a second later.
        using var asked = new SemaphoreSlim(0);
        AppContext.SetData("asked how it is", asked);
        await using var folder = await Folder(Shop(2, """
            ((SemaphoreSlim)AppContext.GetData("asked how it is")!).Release() == 0 ? (string?)null : throw new InvalidOperationException("the roof leaks")
            """));
        var installing = folder.Handler.Install("2", new() { Probation = TimeSpan.FromMinutes(1) });

        // The clock of the probation ticks from before the first question on. More than the one second must not pass: an
        // answer that takes a moment would be late then.
        SpinWait.SpinUntil(() => asked.CurrentCount == 1 || installing.IsCompleted);
        folder.Node.Time.Advance(TimeSpan.FromSeconds(1));

        var failed = await Assert.ThrowsAsync<UpgradeFailedException>(() => installing);
        Assert.Equal(
            "Release 2 did not pass its probation: Application shop is unhealthy: its Health threw InvalidOperationException: the roof leaks. Rolled back: 1 is still running.",
            failed.Message);
    }

    [Fact]
    public async Task A_health_that_does_not_answer_is_ill_after_five_seconds()
    {
        await using var folder = await Folder(Shop(2, "new TaskCompletionSource<string?>().Task"));
        var installing = folder.Handler.Install("2", new() { Probation = TimeSpan.FromMinutes(1) });

        await ReachProbation(folder, installing);
        await PassProbation(folder);

        var failed = await Assert.ThrowsAsync<UpgradeFailedException>(() => installing);
        Assert.Contains("Application shop is unhealthy: its Health did not answer within 5 s.", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_refused_is_counted_and_says_why()
    {
        using var ear = new Ear();
        await using var folder = await Folder(Shop(2));
        ear.Root.Start();
        var refused = await Assert.ThrowsAsync<ReleaseRefusedException>(() => folder.Handler.Install("3", InstallSettings.Default));

        Assert.Equal(["refused"], ear.Upgrades);
        Assert.Equal("upgrade", ear.Tree());
        Assert.Equal(refused.Message, Assert.Single(ear.Spans).StatusDescription);
    }

    [Fact]
    public async Task A_call_that_waits_over_an_upgrade_keeps_its_span_which_keeps_no_code()
    {
        static string Source(int version) => $$"""
            public sealed class Desk : GenServer<From>
            {
                public static async Task<Pid> Begin() => await Start<Desk>();

                protected override Started<From> Init(object? argument) => default(From);

                protected override Answer<From> HandleCall(object request, From state) => NoReply(From);

                protected override Answer<From> HandleCast(object message, From state)
                {
                    GenServer.Reply(state, {{version}});
                    return NoReply(state);
                }
            }
            """;
        using var ear = new Ear();
        await using var node = new TestNode();
        await node.Load(Compile.Application("desk", Source(1), "1"));
        ear.Root.Start();

        await node.Run(async () =>
        {
            Activity.Current = ear.Root;
            var desk = await Begin(node);
            var call = GenServer.Call<int>(desk, "later").AsTask();
            await node.Load(Compile.Application("desk", Source(2), "2"));
            GenServer.Cast(desk, "reply");
            Assert.Equal(2, await call);
        });

        while (ear.Spans.Count < 6)
        {
            await Task.Yield();
        }

        Assert.Equal("call Desk(call Desk) load prepare cast Desk(cast Desk)", ear.Tree());
        Assert.Equal("desk 1 (#1) is unloaded.", Assert.Single((await node.Code.Purge("desk", PurgeMethod.Soft)).Prove(node.Node)).ToString());
        Assert.All(ear.Spans, span => Assert.Equal(ActivityStatusCode.Unset, span.Status));
    }

    // In a method of its own, so that no variable of the test keeps the code.
    private static async Task<Pid> Begin(TestNode node) => await (Task<Pid>)Hot.Call(node, "Desk", "Begin")!;
}
