using Midflight.Host.Control;
using Midflight.Host.Control.Requests;
using Midflight.Host.Evaluation;

namespace Midflight.Host.Observation;

/// <summary>All that can be seen of one process, as it says itself between two of its steps.</summary>
internal static class OneProcess
{
    // Messages that are shown; more waits of which only the number is told.
    private const int MostMessages = 20;

    internal static async ValueTask<ProcessReply> Ask(Cell cell, TimeSpan patience, CancellationToken cancellation)
    {
        var asked = new TaskCompletionSource<ProcessReply?>(TaskCreationOptions.RunContinuationsAsynchronously);
        cell.Do(owner => asked.TrySetResult(Of(owner)), _ => asked.TrySetResult(null));

        try
        {
            return await asked.Task.WaitAsync(patience, cancellation) ?? throw new ControlRefusedException($"Process {cell.Pid} has ended.");
        }
        catch (TimeoutException)
        {
            // Its code keeps its thread. What any thread may read has to do.
            return NodeMonitor.Snapshot(cell, [], sizes: false) is { } seen
                ? new(ProcessPage.Row(seen), cell.Label, false, null, [], [], [], [], null, [])
                : throw new ControlRefusedException($"Process {cell.Pid} has ended.");
        }
    }

    // Owner only.
    private static ProcessReply? Of(Cell cell) => ProcessDescription.Of(cell, size: true) is not { } process ? null : new(
        ProcessPage.Row(process.Snapshot),
        process.Label,
        process.TrapsExits,
        process.Ancestors is [var parent, ..] ? parent.ToString() : null,
        [.. process.Links.Take(ObserverRequests.Clamp(500)).Select(pid => pid.ToString())],
        [.. process.Monitors.Take(500).Select(pid => pid.ToString())],
        [.. process.MonitoredBy.Take(500).Select(pid => pid.ToString())],
        [.. cell.Body?.Debug?.Names ?? []],
        cell.Body?.State is { } state ? ShownValues.Of(state) : null,
        [.. Waiting(cell).Take(MostMessages).Select(ShownValues.Of)]);

    private static IEnumerable<object> Waiting(Cell cell)
    {
        for (var envelope = cell.Mailbox.First; envelope is not null; envelope = envelope.Next)
        {
            switch (envelope)
            {
                case PendingCall call:
                    yield return call.Content;
                    break;
                case Message message:
                    yield return message.Content;
                    break;
            }
        }
    }
}
