namespace Midflight;

/// <summary>The entry in the timers for a call whose caller is not a process.</summary>
/// <remarks>It stays there until the call's time is over, long after the reply. Request and reply are released earlier.</remarks>
internal sealed class CallTimeout(PendingCall call, Timers timers)
{
    private PendingCall? _call = call;

    internal bool IsWaiting => Volatile.Read(ref _call) is not null;

    internal void Pass() => Interlocked.Exchange(ref _call, null)?.TimeOut();

    /// <summary>The reply has arrived.</summary>
    internal void Drop()
    {
        Volatile.Write(ref _call, null);
        timers.Dropped();
    }
}
