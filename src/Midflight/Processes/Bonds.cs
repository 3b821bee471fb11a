using System.Diagnostics;

namespace Midflight;

/// <summary>What only some processes have: watchers, names, owned resources, owed replies. Owner of the cell only.</summary>
internal sealed class Bonds
{
    private HashSet<MonitorRef>? _watchers;
    private HashSet<MonitorRef>? _watched;
    private List<string>? _names;
    private List<IDisposable>? _owned;
    private List<PendingCall>? _owed;
    private int _pruneAt = 16;

    /// <summary>The wait until it is ready; null for most.</summary>
    internal StartWatch? Starting { get; set; }

    /// <summary>The span of the handler that awaits something; null while nobody listens.</summary>
    internal Activity? Span { get; set; }

    /// <summary>What people see of it beside its module; null for most.</summary>
    internal string? Label { get; set; }

    /// <summary>The processes on whose behalf it works, if it is a job; null for most.</summary>
    internal Callers? Callers { get; set; }

    /// <summary>The monitors to tell when this process ends.</summary>
    internal HashSet<MonitorRef> Watchers => _watchers ??= [];

    /// <summary>The monitors by which this process watches others.</summary>
    internal HashSet<MonitorRef> Watched => _watched ??= [];

    internal List<string> Names => _names ??= [];

    internal List<IDisposable> Owned => _owned ??= [];

    /// <summary>Frees its keys in registries before the end.</summary>
    internal void Unregister() => _owned?.RemoveAll(static owned =>
    {
        if (owned is not Registration registration)
        {
            return false;
        }

        registration.Dispose();
        return true;
    });

    /// <summary>Keeps a caller who is answered later, to tell it if the process ends first.</summary>
    internal void Owe(PendingCall call)
    {
        _owed ??= [];

        // The replier need not be the owner, so answered calls are dropped here from time to time.
        if (_owed.Count >= _pruneAt)
        {
            _owed.RemoveAll(static call => call.IsReply);
            _pruneAt = Math.Max(16, 2 * _owed.Count);
        }

        _owed.Add(call);
    }

    /// <summary>The process has ended: releases what it owned.</summary>
    internal void Release(Cell cell)
    {
        foreach (var owned in _owned ?? [])
        {
            try
            {
                owned.Dispose();
            }
            // Other people's code, on a thread that runs other people's processes.
            catch (Exception exception)
            {
                CrashReport.NotDisposed(cell, owned, exception);
            }
        }

        _owned = null;
    }

    /// <summary>Whether a caller of some kind is owed a reply.</summary>
    internal bool Owes(Predicate<PendingCall> caller) => _owed?.Exists(caller) is true;

    /// <summary>The process has ended: tells those that wait for that.</summary>
    internal void Sever(ExitReason reason)
    {
        foreach (var watcher in _watchers ?? [])
        {
            watcher.Watcher.Post(new DownSignal(watcher, reason));
        }

        // Otherwise a monitored process would keep its watchers in memory as long as it lives.
        foreach (var watched in _watched ?? [])
        {
            watched.Target.Cell?.Post(new DemonitorSignal(watched));
        }

        foreach (var call in _owed ?? [])
        {
            call.Fail(CallFailure.Ended, reason);
        }
    }
}
