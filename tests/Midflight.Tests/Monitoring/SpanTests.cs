using System.Diagnostics;
using Midflight.Tests.Processes;
using static Midflight.GenServer;
using static Midflight.Process;

namespace Midflight.Tests.Monitoring;

/// <summary>The spans of calls and casts.</summary>
[Collection(nameof(Listening))]
public sealed class SpanTests : ProcessTest
{
    private sealed class Gate
    {
        internal TaskCompletionSource<int> Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    // What is current in its callbacks.
    private static string? Here => Activity.Current?.SpanId.ToHexString();

    private sealed class Desk : GenServer<From>
    {
        protected override Started<From> Init(object? argument) => default(From);

        protected override Answer<From> HandleCall(object request, From state) => request switch
        {
            "where" => Reply(Here, state),
            "trace" => Reply(Activity.Current?.TraceId.ToHexString(), state),
            "later" => NoReply(From),
            "fail" => throw new InvalidOperationException("burnt"),
            _ => throw new NotSupportedException(),
        };

        protected override Answer<From> HandleCast(object message, From state)
        {
            switch (message)
            {
                case Pid reader:
                    Send(reader, Here ?? "nowhere");
                    break;
                case "reply":
                    GenServer.Reply(state, Here);
                    break;
            }

            return NoReply(state);
        }

        protected override Answer<From> HandleInfo(object message, From state)
        {
            Send((Pid)message, Here ?? "nowhere");
            return NoReply(state);
        }
    }

    private sealed class Patient : GenServer<int>
    {
        protected override Started<int> Init(object? argument) => 0;

        protected override async ValueTask<Answer<int>> HandleCallAsync(object request, int state)
        {
            if (request is not Gate gate)
            {
                return Reply(Here, state);
            }

            gate.Entered.SetResult();
            await gate.Opened.Task;
            return Reply(Here, state);
        }
    }

    [Fact]
    public Task A_call_is_a_span_of_the_client_and_below_it_one_of_the_server() => Run(async () =>
    {
        using var trace = new Trace();
        trace.Root.Start();
        var desk = await Start<Desk>();
        var where = await Call<string>(desk, "where");

        var (client, server) = (trace.Of(ActivityKind.Client), trace.Of(ActivityKind.Server));
        Assert.Equal(["Server call Desk", "Client call Desk"], trace.Names);
        Assert.Equal((trace.Root.SpanId, client.SpanId), (client.ParentSpanId, server.ParentSpanId));
        Assert.Equal(server.SpanId.ToHexString(), where);
        Assert.Equal(trace.Root, Activity.Current);

        foreach (var span in (Activity[])[client, server])
        {
            Assert.Equal(ActivityStatusCode.Unset, span.Status);
            Assert.Equal(
                [("midflight.message", "String"), ("midflight.module", typeof(Desk).FullName), ("midflight.pid", desk.ToString())],
                span.TagObjects.Select(tag => (tag.Key, (string?)tag.Value)).OrderBy(tag => tag.Key, StringComparer.Ordinal));
        }
    });

    [Fact]
    public async Task A_caller_that_is_no_process_has_its_span_too()
    {
        using var trace = new Trace();
        trace.Root.Start();
        var where = "";
        Pid desk = default;
        await Run(async () => desk = await Start<Desk>());
        where = await Call<string>(desk, "where");

        Assert.Equal(trace.Of(ActivityKind.Client).SpanId, trace.Of(ActivityKind.Server).ParentSpanId);
        Assert.Equal(trace.Of(ActivityKind.Server).SpanId.ToHexString(), where);
        Assert.Equal(trace.Root, Activity.Current);
    }

    [Fact]
    public Task A_handler_that_awaits_keeps_its_span_until_it_ends() => Run(async () =>
    {
        using var trace = new Trace();
        trace.Root.Start();
        var patient = await Start<Patient>();
        var gate = new Gate();
        var call = Call<string>(patient, gate).AsTask();
        Assert.Equal(trace.Root, Activity.Current);
        await gate.Entered.Task;
        Assert.Empty(trace.Ended);

        gate.Opened.SetResult(1);
        var where = await call;
        await Until(() => trace.Ended.Count == 2);
        Assert.Equal(trace.Of(ActivityKind.Server).SpanId.ToHexString(), where);
        Assert.Equal(trace.Of(ActivityKind.Client).SpanId, trace.Of(ActivityKind.Server).ParentSpanId);

        // It has left nothing behind for the next.
        Assert.Equal(trace.Root, Activity.Current);
        Assert.NotEqual(where, await Call<string>(patient, "where"));
    });

    [Fact]
    public Task A_handler_that_is_killed_while_it_awaits_ends_its_span_with_the_reason() => Run(async () =>
    {
        using var trace = new Trace();
        trace.Root.Start();
        var patient = await Start<Patient>();
        var gate = new Gate();
        var call = Call<string>(patient, gate).AsTask();
        await gate.Entered.Task;

        Exit(patient, ExitReason.Kill);
        await Assert.ThrowsAsync<CallFailedException>(() => call);
        await Until(() => trace.Ended.Count == 2);

        foreach (var span in trace.Ended)
        {
            Assert.Equal((ActivityStatusCode.Error, "killed"), (span.Status, span.StatusDescription));
        }
    });

    [Fact]
    public Task A_call_that_fails_says_why_on_both_sides() => Run(async () =>
    {
        using var trace = new Trace();
        trace.Root.Start();
        var desk = await Start<Desk>();
        await Assert.ThrowsAsync<CallFailedException>(() => Call<string>(desk, "fail").AsTask());

        foreach (var span in (Activity[])[trace.Of(ActivityKind.Client), trace.Of(ActivityKind.Server)])
        {
            Assert.Equal(ActivityStatusCode.Error, span.Status);
            Assert.Contains("burnt", span.StatusDescription, StringComparison.Ordinal);
        }
    });

    [Fact]
    public Task A_call_to_no_one_is_a_span_that_failed() => Run(async () =>
    {
        using var trace = new Trace();
        trace.Root.Start();
        await Assert.ThrowsAsync<CallFailedException>(() => Call<string>("nobody", "where").AsTask());

        var client = Assert.Single(trace.Ended);
        Assert.Equal(("call", ActivityStatusCode.Error, "NoProcess"), (client.OperationName, client.Status, client.StatusDescription));
    });

    [Fact]
    public Task With_a_deferred_reply_the_servers_span_ends_with_the_handler_and_the_clients_with_the_reply() => Run(async () =>
    {
        using var trace = new Trace();
        trace.Root.Start();
        var desk = await Start<Desk>();
        var call = Call<string>(desk, "later").AsTask();
        Assert.Equal(["Server call Desk"], trace.Names);

        Cast(desk, "reply");
        var consumer = await call;
        await Until(() => trace.Ended.Count == 4);
        Assert.Equal(trace.Of(ActivityKind.Consumer).SpanId.ToHexString(), consumer);
        Assert.Equal(trace.Root.SpanId, trace.Of(ActivityKind.Client).ParentSpanId);
    });

    [Fact]
    public Task A_cast_is_a_span_of_its_producer_and_below_it_one_of_its_consumer() => Run(async () =>
    {
        using var trace = new Trace();
        trace.Root.Start();
        var desk = await Start<Desk>();
        Cast(desk, Self);
        Assert.Equal(trace.Root, Activity.Current);
        var where = await Receive<string>();
        await Until(() => trace.Ended.Count == 2);

        Assert.Equal(trace.Root.SpanId, trace.Of(ActivityKind.Producer).ParentSpanId);
        Assert.Equal(trace.Of(ActivityKind.Producer).SpanId, trace.Of(ActivityKind.Consumer).ParentSpanId);
        Assert.Equal(trace.Of(ActivityKind.Consumer).SpanId.ToHexString(), where);
        Assert.Equal("cast Desk", trace.Of(ActivityKind.Consumer).OperationName);
    });

    [Fact]
    public Task Casts_arrive_in_order_whether_somebody_listens_or_not() => Run(async () =>
    {
        var desk = await Start<Desk>();
        await Sys.Suspend(desk);
        Cast(desk, Self);
        Cast(desk, Self);

        using (var trace = new Trace())
        {
            trace.Root.Start();
            Cast(desk, Self);
            Cast(desk, Self);
        }

        Send(desk, Self);
        Cast(desk, Self);
        using var again = new Trace();
        await Sys.Resume(desk);
        var places = new List<string>();

        for (var i = 0; i < 6; i++)
        {
            places.Add(await Receive<string>());
        }

        // What came without a span is handled without one.
        Assert.Equal([true, true, false, false, true, true], places.Select(place => place == "nowhere"));
    });

    [Fact]
    public Task What_no_listener_wants_to_see_hands_the_trace_on_all_the_same() => Run(async () =>
    {
        using var trace = new Trace(ActivitySamplingResult.None);
        trace.Root.Start();
        var desk = await Start<Desk>();

        Assert.Equal(trace.Root.TraceId.ToHexString(), await Call<string>(desk, "trace"));
        Assert.Empty(trace.Ended);
        Assert.Equal(trace.Root, Activity.Current);
    });

    [Fact]
    public Task A_listener_that_throws_disturbs_no_call_and_no_cast() => Run(async () =>
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Midflight",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = _ => throw new InvalidOperationException("meant"),
            ActivityStopped = _ => throw new InvalidOperationException("meant"),
        };
        ActivitySource.AddActivityListener(listener);
        using var root = new Activity("test").Start();
        var desk = await Start<Desk>();
        Assert.Equal(root.TraceId.ToHexString(), await Call<string>(desk, "trace"));
        Cast(desk, Self);
        Assert.NotEqual("nowhere", await Receive<string>());
        Send(desk, Self);
        Assert.Equal("nowhere", await Receive<string>());
        Assert.Equal(root, Activity.Current);
    });

    [Fact]
    public async Task While_nobody_listens_a_call_in_place_and_a_cast_allocate_not_a_byte_more()
    {
        Pid desk = default, spanned = default, plain = default;
        var message = new object();
        await Run(async () => (desk, spanned, plain) = (await Start<Desk>(), await Start<Blocked>(), await Start<Blocked>()));
        using var held = new Hold();
        Cast(spanned, held);
        Cast(plain, held);
        held.Both.Wait();

        Assert.Equal(0, Allocated(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                var call = Call<string?>(desk, "where");
                Assert.True(call.IsCompletedSuccessfully);
            }
        }));

        // Into mailboxes that nobody empties.
        var bare = plain.Cell!;
        Assert.Equal(
            Allocated(() =>
            {
                for (var i = 0; i < 256; i++)
                {
                    bare.PostCast(message);
                }
            }),
            Allocated(() =>
            {
                for (var i = 0; i < 256; i++)
                {
                    Cast(spanned, message);
                }
            }));
        held.Go.Set();
    }

    private static long Allocated(Action action)
    {
        // The first time compiles it.
        action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private sealed class Hold : IDisposable
    {
        internal CountdownEvent Both { get; } = new(2);

        internal ManualResetEventSlim Go { get; } = new();

        public void Dispose() => Go.Set();
    }

    private sealed class Blocked : GenServer<int>
    {
        protected override Started<int> Init(object? argument) => 0;

        protected override Answer<int> HandleCast(object message, int state)
        {
            if (message is Hold hold)
            {
                hold.Both.Signal();
                hold.Go.Wait();
            }

            return NoReply(state);
        }
    }
}
