using System.Collections.Concurrent;
using System.Globalization;

namespace Midflight.Host;

/// <summary>Converts the states of processes, and the messages that wait for them, and throws the results away.</summary>
/// <remarks>
/// <para>
/// What never changes is converted while its process keeps running. So a state of records and immutable collections does not delay its process, however large it is. Whatever can
/// change is converted between two messages of its process, which waits for that. What the conversion needs is compiled before.
/// </para>
/// <para>
/// Interleaving: <see cref="Look"/> and <see cref="Hold"/> run as the owner of the process, and see all that it has written. <see cref="TakeBeside"/> reads only what
/// <see cref="Look"/> was given, and of that only what was complete when it was made: a converter ends with <see cref="NeedsOwnerException"/> before it reads anything else.
/// </para>
/// </remarks>
/// <param name="code">What would become current.</param>
/// <param name="suspended">The modules whose processes are suspended by the script. What waits for them they handle before.</param>
/// <param name="time">Measures how long a process waits for its conversion.</param>
internal sealed class RehearsedStates(CodeFlip code, IReadOnlySet<string> suspended, TimeProvider time)
{
    // A shorter wait is none that callers would tell from others.
    private static readonly TimeSpan s_long = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentQueue<ReleaseRefusal.NotConvertible> _refused = new();
    private readonly ConcurrentQueue<Seen> _seen = new();

    // Modules whose states can change. Written by one thread, while no process is being looked at.
    private readonly HashSet<string> _changing = [];
    private readonly Lock _lock = new();
    private (TimeSpan Time, string Who) _slowest;
    private int _converted;

    /// <summary>How many values were converted.</summary>
    public int Converted => _converted;

    /// <summary>The first value that could not be converted, with the number of the others; null if there is none.</summary>
    public ReleaseRefusal? Refused => _refused.TryPeek(out var first) ? first with { Others = _refused.Count - 1 } : null;

    /// <summary>Who waited longest for the conversion of its own state, if that was long enough for its callers to notice; a whole sentence.</summary>
    public string? Slowest
    {
        get
        {
            lock (_lock)
            {
                return _slowest.Time < s_long ? null : string.Create(
                    CultureInfo.InvariantCulture, $"Converting the state of {_slowest.Who} took {_slowest.Time.TotalSeconds:0.0} s, in which it handled no message. In the switch it takes as long again.");
            }
        }
    }

    /// <summary>Takes note of what a process has. Owner only.</summary>
    public void Look(Cell cell)
    {
        if (Changed(cell) is not var (body, target))
        {
            return;
        }

        if (_changing.Contains(body.ModuleName) || !body.HasOnlyState || body.Before?.Version == target)
        {
            Hold(cell);
            return;
        }

        Try(cell, body.ModuleName, _ =>
        {
            var wanted = target.Modules.Get(target.FindType(body.ModuleName)!).StateType;
            _seen.Enqueue(new(cell, body.ModuleName, target, body.State, wanted, [body.NextContinuation, .. Waiting(cell, body, target)]));
            return true;
        });
    }

    /// <summary>Converts what was noted, as far as that can be done beside the processes.</summary>
    /// <returns>Those whose owners have to wait for it.</returns>
    public IReadOnlyCollection<Cell> TakeBeside()
    {
        var left = new List<Cell>();

        while (_seen.TryDequeue(out var seen))
        {
            if (_changing.Contains(seen.Module) || !TryConvert(seen))
            {
                left.Add(seen.Cell);
            }
        }

        return left;
    }

    /// <summary>Converts what a process has. Owner only.</summary>
    public void Hold(Cell cell)
    {
        if (Changed(cell) is not var (body, target))
        {
            return;
        }

        Try(cell, body.ModuleName, say =>
        {
            // One that gets its former body back needs no conversion.
            if (body.Before?.Version != target)
            {
                var began = time.GetTimestamp();
                body.In(target);
                NoteTime(time.GetElapsedTime(began), cell, body);
            }

            Interlocked.Increment(ref _converted);

            foreach (var message in Waiting(cell, body, target))
            {
                say(message);
                Door.Into(target, message);
                Interlocked.Increment(ref _converted);
            }

            return true;
        });
    }

    private void NoteTime(TimeSpan waited, Cell cell, ServerBody body)
    {
        if (waited < s_long)
        {
            return;
        }

        lock (_lock)
        {
            _slowest = waited > _slowest.Time ? (waited, $"process {cell.Pid} ({body.ModuleName})") : _slowest;
        }
    }

    private bool TryConvert(Seen seen) => Try(seen.Cell, seen.Module, say =>
    {
        if (seen.Target.Incoming is not CodeConversion conversion)
        {
            return true;
        }

        // Counted once it is clear that nothing of it is left to the owner, who would count it again.
        var losses = new Losses();

        if (!conversion.TryRehearse(seen.State, seen.StateType, losses))
        {
            _changing.Add(seen.Module);
            return false;
        }

        foreach (var message in seen.Messages)
        {
            say(message);

            if (!conversion.TryRehearse(message, typeof(object), losses))
            {
                return false;
            }
        }

        conversion.Losses?.Add(losses);
        Interlocked.Add(ref _converted, 1 + seen.Messages.Count(message => message is not null));
        return true;
    });

    // Says false only where nothing came of it and nothing was refused.
    private bool Try(Cell cell, string module, Func<Action<object?>, bool> convert)
    {
        var what = "The state";

        try
        {
            return convert(message => what = message is null ? what : $"The message {message.GetType().Name}");
        }
        // Written conversions may throw anything.
        catch (Exception exception)
        {
            _refused.Enqueue(new(cell.Pid, module, what, exception.Message, 0));
            return true;
        }
    }

    // A module that is gone is the script's to deal with.
    private (ServerBody Body, CodeVersion Target)? Changed(Cell cell) =>
        cell.Body is ServerBody { Version: { } version } body && code.Target(version.Application.Name) is { } target && target.FindType(body.ModuleName) is not null ? (body, target) : null;

    private IEnumerable<object> Waiting(Cell cell, ServerBody body, CodeVersion target) => suspended.Contains(body.ModuleName) && !cell.Suspended
        ? []
        : cell.Mailbox.All().OfType<Message>().Where(message => message.Content is not SystemRequest && !IsIdle(message, target)).Select(message => message.Content);

    // Nobody is there any more to whom it matters.
    private static bool IsIdle(Message message, CodeVersion target) =>
        message is PendingCall { Caller.IsDead: true } or PendingCall { IsReply: true } || Unconverted.IsOfDropped(message.Content, target);

    private sealed record Seen(Cell Cell, string Module, CodeVersion Target, object? State, Type StateType, List<object?> Messages);
}
