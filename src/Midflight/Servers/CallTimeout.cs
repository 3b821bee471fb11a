namespace Midflight;

/// <summary>What stands in the timers for the call of a caller that is no process.</summary>
/// <remarks>It stays there until the call's time is over, long after the reply: request and reply go before.</remarks>
internal sealed class CallTimeout(PendingCall call, Timers timers)
{
    private PendingCall? _call = call;

    internal bool IsWaiting => Volatile.Read(ref _call) is not null;

    internal void Pass() => Interlocked.Exchange(ref _call, null)?.TimeOut();

    /// <summary>The reply is there.</summary>
    internal void Drop()
    {
        Volatile.Write(ref _call, null);
        timers.Dropped();
    }
}
