using System.Collections.Concurrent;
using System.Diagnostics;

namespace Midflight.Host.Tests;

public sealed class DryRunTests
{
    // What goes wrong in it is nobody's failure, and so would be noticed by nobody.
    [Fact]
    public async Task A_dry_run_takes_a_supervisor_a_dynamic_supervisor_and_a_server_through_the_whole_switch() => Assert.Equal(3, await DryRun.Run());

    [Fact]
    public async Task Who_listens_to_the_upgrade_does_not_hear_of_its_dry_run()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Midflight",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var root = new Activity("test").Start();
        await DryRun.Run();
        Assert.DoesNotContain(spans, span => span.TraceId == root.TraceId);

        // And the steps that follow are told of.
        await Spans.In("check", () => Task.CompletedTask);
        Assert.Contains(spans, span => span.TraceId == root.TraceId && span.OperationName == "check");
    }
}
