using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using static Midflight.Process;

namespace Midflight.Tests.Monitoring;

/// <summary>What a listener to the meter of a node reads.</summary>
public sealed class NodeMeterTests : Processes.ProcessTest
{
    private static ProcessTask Fail() => throw new InvalidOperationException("meant");

    private sealed class Fragile : GenServer<int>
    {
        protected override Started<int> Init(object? argument) => 0;

        protected override Answer<int> HandleCast(object message, int state) => throw new InvalidOperationException("meant");
    }

    private sealed class Cradle : Supervisor
    {
        protected override SupervisorSpec Init(object? argument) => new(Strategy.OneForOne, [Child.Of<Fragile>() with { Name = "fragile" }]);
    }

    // Other nodes of this test run have the same meter.
    private sealed class Readings : IDisposable
    {
        private readonly MeterListener _listener = new()
        {
            InstrumentPublished = (instrument, to) =>
            {
                if (instrument.Meter.Name == "Midflight")
                {
                    to.EnableMeasurementEvents(instrument);
                }
            },
        };

        private readonly ConcurrentQueue<(string Name, long Value, string? Module)> _all = new();

        internal Readings(Action? onCount = null)
        {
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            {
                _all.Enqueue((instrument.Name, value, tags.Length > 0 ? tags[0].Value as string : null));

                if (!instrument.IsObservable)
                {
                    onCount?.Invoke();
                }
            });
            _listener.Start();
        }

        internal IEnumerable<(string Name, long Value, string? Module)> All => _all;

        internal long Read(string name)
        {
            _all.Clear();
            _listener.RecordObservableInstruments();
            return _all.Where(entry => entry.Name == name).Sum(entry => entry.Value);
        }

        public void Dispose() => _listener.Dispose();
    }

    [Fact]
    public Task Processes_queues_timers_and_crashes_are_read_by_a_listener() => Run(async () =>
    {
        using var readings = new Readings();
        Send(Self, "waits");
        SendAfter(Self, "later", Ms(1));
        await EndOf(Spawn(Fail));
        Assert.Contains(readings.All, entry => entry is { Name: "midflight.crashes", Value: 1 } && entry.Module == typeof(NodeMeterTests).FullName);
        Assert.True(readings.Read("midflight.processes") >= 1);
        Assert.True(readings.Read("midflight.processes.started") >= 2);
        Assert.True(readings.Read("midflight.queue") >= 1);
        Assert.True(readings.Read("midflight.timers") >= 1);
        Assert.True(readings.Read("midflight.reductions") >= 1);
    });

    [Fact]
    public Task Restarts_are_counted_with_the_module_of_the_child() => Run(async () =>
    {
        using var readings = new Readings();
        await GenServer.Start<Cradle>();
        var first = WhereIs("fragile")!.Value;
        await EndOf(first, () => GenServer.Cast(first, "break"));
        await Until(() => readings.All.Any(entry => entry is { Name: "midflight.restarts", Value: 1 } && entry.Module == typeof(Fragile).FullName));
    });

    [Fact]
    public async Task What_an_ended_process_has_handled_stays_in_the_sum()
    {
        await using var node = new Node(time: Time);
        Pid pid = default;

        await node.Run(async () =>
        {
            pid = Spawn(Take);

            for (var i = 0; i < 100; i++)
            {
                Send(pid, "message");
            }

            await EndOf(pid);
        });
        await Until(() => node.ProcessCount == 0);

        // What the meter shows; there it is together with other nodes, which come and go with their tests.
        Assert.True(node.Processes.Reductions >= 100);
    }

    private static async ProcessTask Take()
    {
        for (var i = 0; i < 100; i++)
        {
            await Receive();
        }
    }

    [Fact]
    public Task A_listener_that_throws_keeps_no_crash_from_being_reported() => Run(async () =>
    {
        using var readings = new Readings(() => throw new InvalidOperationException("the listener is broken"));
        var failing = Spawn(Fail);
        await EndOf(failing);
        await Until(() => readings.All.Any(entry => entry.Name == "midflight.crashes"));
        Assert.Contains(Logged, line => line.Contains($"Process {failing} ended", StringComparison.Ordinal));
    });

    [Fact]
    public void A_node_that_is_not_disposed_is_not_kept_by_its_meter()
    {
        using var readings = new Readings();
        var forgotten = Forget();

        for (var i = 0; i < 20 && forgotten.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(forgotten.IsAlive);
        readings.Read("midflight.processes");
    }

    // In a method of its own, so that no variable keeps it; and never the first node, which is kept on purpose.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Forget() => new(new Node());
}
