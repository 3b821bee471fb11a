using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Midflight.Host;

/// <summary>Takes values that need methods marked <c>[Convert]</c> over on a thread of its own, so that a method which never returns is left behind and takes no process along.</summary>
/// <remarks>
/// <para>
/// A whole value goes over on one such thread. Handing over call by call would switch threads twice for each of ten thousand values, and where processors are short that takes
/// longer than callers of the process wait.
/// </para>
/// <para>
/// Who asks has the thread to itself until the value is over, or until one call takes too long. Then it goes on without an answer, and the thread gives the value up when the
/// method returns, if that ever happens, and is idle again. None of these threads ends: one that had converted values would be in the way of an unload.
/// </para>
/// <para>
/// Interleaving: what is being taken over is touched by this thread alone, but for the moment in which the other finds a call late. It does so under the lock and
/// sees the call under way, so this thread is in the method, and behind it takes the lock before it goes on.
/// </para>
/// </remarks>
internal sealed class WrittenCalls
{
    // Deeper than that of a pool's thread: it may build what is deep.
    private const int Stack = 16 << 20;

    /// <summary>How long one call may take.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    // Between two looks at what is called.
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    // How long a late method is not tried again.
    private static readonly TimeSpan s_forgotten = TimeSpan.FromSeconds(30);

    // When a method was late the last time. It is not waited for again by each of a hundred thousand processes.
    private static readonly ConditionalWeakTable<MethodInfo, StrongBox<long>> s_late = [];

    // As many as there were values at the same time.
    private static readonly ConcurrentBag<WrittenCalls> s_idle = [];

    private readonly object _lock = new();

    // Owned by the lock. Idle: all null. Asked: work. At work: perhaps a call. Answered: an answer, until it is taken. Late: whoever asked has gone.
    private Func<WrittenCalls, object?>? _work;
    private UnderWay? _call;
    private Answer? _answer;
    private bool _isLate;

    private WrittenCalls() => LastingThread.Start("Midflight conversions", Serve, Stack);

    /// <summary>What some work gives, which may call such methods.</summary>
    /// <exception cref="ConversionRefusedException">A method did not return in time.</exception>
    /// <remarks>What the work throws is thrown here.</remarks>
    public static object? Run(Func<WrittenCalls, object?> work)
    {
        var calls = s_idle.TryTake(out var idle) ? idle : new();
        var answer = calls.Await(work);
        s_idle.Add(calls);
        answer.Failure?.Throw();
        return answer.Result;
    }

    /// <summary>What a method gives. For the work that <see cref="Run"/> was given.</summary>
    /// <exception cref="ConversionRefusedException">It was late the last time.</exception>
    /// <remarks>What it throws is thrown here.</remarks>
    public object? Call(MethodInfo method, object argument, Crossing crossing)
    {
        if (s_late.TryGetValue(method, out var late) && Environment.TickCount64 - late.Value < s_forgotten.TotalMilliseconds)
        {
            throw Late(method, crossing);
        }

        lock (_lock)
        {
            _call = new(method, crossing, Environment.TickCount64);
        }

        try
        {
            return method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [argument], null);
        }
        finally
        {
            Returned();
        }
    }

    private void Returned()
    {
        lock (_lock)
        {
            _call = null;

            if (_isLate)
            {
                // Whatever came of it: nobody waits for the rest.
                throw new TimeoutException();
            }
        }
    }

    private Answer Await(Func<WrittenCalls, object?> work)
    {
        lock (_lock)
        {
            _work = work;
            Monitor.PulseAll(_lock);

            while (_answer is null)
            {
                Monitor.Wait(_lock, s_look);

                if (_answer is null && _call is { } call && Environment.TickCount64 - call.Began >= s_patience.TotalMilliseconds)
                {
                    _isLate = true;
                    s_late.AddOrUpdate(call.Method, new(Environment.TickCount64));
                    throw Late(call.Method, call.Crossing);
                }
            }

            var answer = _answer;
            _answer = null;
            return answer;
        }
    }

    private void Serve()
    {
        Func<WrittenCalls, object?> work;

        lock (_lock)
        {
            while (_work is null)
            {
                Monitor.Wait(_lock);
            }

            work = _work;
            _work = null;
        }

        var answer = Do(work);

        lock (_lock)
        {
            if (!_isLate)
            {
                _answer = answer;
                Monitor.PulseAll(_lock);
                return;
            }

            _isLate = false;
        }

        s_idle.Add(this);
    }

    private Answer Do(Func<WrittenCalls, object?> work)
    {
        try
        {
            return new(work(this), null);
        }
        // Whatever it is, it belongs to whoever waits.
        catch (Exception exception)
        {
            return new(null, ExceptionDispatchInfo.Capture(exception));
        }
    }

    private static ConversionRefusedException Late(MethodInfo method, Crossing crossing) => crossing.Refuse(new(
        $"{method.DeclaringType?.FullName?.Replace('+', '.')}.{method.Name}", null, $"did not return within {s_patience.TotalSeconds:0} s",
        "Let it build the new value and do nothing else: it must not wait, call processes or loop forever."));

    private sealed record UnderWay(MethodInfo Method, Crossing Crossing, long Began);

    private sealed record Answer(object? Result, ExceptionDispatchInfo? Failure);
}
