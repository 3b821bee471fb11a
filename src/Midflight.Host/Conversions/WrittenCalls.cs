using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Midflight.Host;

/// <summary>Calls methods marked <c>[Convert]</c> on threads of their own, so that one which never returns is left behind and takes no process along.</summary>
/// <remarks>
/// A caller takes a thread that is idle, or a new one, and has it to itself until the call has ended. A thread that is late is idle again when the method returns, if that ever
/// happens. None of them ends: one that had converted values would be in the way of an unload.
/// </remarks>
internal static class WrittenCalls
{
    /// <summary>How long one call may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // How long a late method is not tried again.
    private static readonly TimeSpan Forgotten = TimeSpan.FromSeconds(30);

    // When a method was late the last time. It is not waited for again by each of a hundred thousand processes.
    private static readonly ConditionalWeakTable<MethodInfo, StrongBox<long>> s_late = [];

    // As many as there were calls at the same time.
    private static readonly ConcurrentBag<Caller> s_idle = [];

    /// <summary>What a method gives.</summary>
    /// <exception cref="TimeoutException">It did not return in time.</exception>
    /// <remarks>What it throws is thrown here.</remarks>
    public static object? Invoke(MethodInfo method, object argument)
    {
        if (s_late.TryGetValue(method, out var late) && Environment.TickCount64 - late.Value < Forgotten.TotalMilliseconds)
        {
            throw new TimeoutException($"{method.DeclaringType}.{method.Name} did not return the last time.");
        }

        var caller = s_idle.TryTake(out var idle) ? idle : new();
        var result = caller.Call(method, argument, out var failure);
        s_idle.Add(caller);
        return failure is null ? result : throw failure;
    }

    private sealed class Caller
    {
        // Deeper than that of a pool's thread: it may build what is deep.
        private const int Stack = 16 << 20;

        private readonly object _lock = new();

        // Owned by the lock. Idle: both null. Asked: a method. Answered: an answer, until it is taken. Late: whoever asked has gone.
        private MethodInfo? _method;
        private object? _argument;
        private Answer? _answer;
        private bool _isLate;

        public Caller() => LastingThread.Start("Midflight conversions", Serve, Stack);

        public object? Call(MethodInfo method, object argument, out Exception? failure)
        {
            lock (_lock)
            {
                (_method, _argument) = (method, argument);
                Monitor.PulseAll(_lock);

                for (var end = Environment.TickCount64 + (long)Patience.TotalMilliseconds; _answer is null;)
                {
                    if (!Monitor.Wait(_lock, (int)Math.Max(0, end - Environment.TickCount64)) && _answer is null)
                    {
                        _isLate = true;
                        s_late.AddOrUpdate(method, new(Environment.TickCount64));
                        throw new TimeoutException($"{method.DeclaringType}.{method.Name} did not return within {Patience.TotalSeconds:0} s.");
                    }
                }

                var answer = _answer;
                _answer = null;
                failure = answer.Failure;
                return answer.Result;
            }
        }

        private void Serve()
        {
            MethodInfo method;
            object? argument;

            lock (_lock)
            {
                while (_method is null)
                {
                    Monitor.Wait(_lock);
                }

                (method, argument) = (_method, _argument);
                (_method, _argument) = (null, null);
            }

            var answer = Invoke(method, argument);

            lock (_lock)
            {
                if (!_isLate)
                {
                    _answer = answer;
                    Monitor.PulseAll(_lock);
                    return;
                }

                // Nobody waits for the answer.
                _isLate = false;
            }

            s_idle.Add(this);
        }

        private static Answer Invoke(MethodInfo method, object? argument)
        {
            try
            {
                return new(method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [argument], null), null);
            }
            // Whatever it is, it belongs to whoever waits.
            catch (Exception exception)
            {
                return new(null, exception);
            }
        }

        private sealed record Answer(object? Result, Exception? Failure);
    }
}
