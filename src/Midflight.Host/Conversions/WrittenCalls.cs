using System.Collections.Concurrent;
using System.Reflection;

namespace Midflight.Host;

/// <summary>Calls methods marked <c>[Convert]</c> on threads of their own, so that one which never returns is left behind and takes no process along.</summary>
/// <remarks>
/// A caller takes a thread that is idle, or a new one, and has it to itself until the call has ended. A thread that is late is not taken
/// again: it ends when the method returns, if that ever happens.
/// </remarks>
internal static class WrittenCalls
{
    /// <summary>How long one call may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // As many as there were calls at the same time.
    private static readonly ConcurrentBag<Caller> s_idle = [];

    /// <summary>What a method gives.</summary>
    /// <exception cref="TimeoutException">It did not return in time.</exception>
    /// <remarks>What it throws is thrown here.</remarks>
    public static object? Invoke(MethodInfo method, object argument)
    {
        var caller = s_idle.TryTake(out var idle) ? idle : new();
        var result = caller.Call(method, argument, out var failure);
        s_idle.Add(caller);
        return failure is null ? result : throw failure;
    }

    private sealed class Caller
    {
        // Deeper than that of a pool's thread: it may build what is deep.
        private const int Stack = 16 << 20;

        private readonly ManualResetEventSlim _asked = new(false, spinCount: 50);
        private readonly ManualResetEventSlim _answered = new(false, spinCount: 50);
        private MethodInfo? _method;
        private object? _subject;
        private Exception? _failure;
        private volatile bool _isLate;

        public Caller() => new Thread(Run, Stack) { IsBackground = true, Name = "Midflight conversions" }.Start();

        // The fields belong to the caller until _asked is set, to the thread until _answered is, and to nobody once it is late.
        public object? Call(MethodInfo method, object argument, out Exception? failure)
        {
            (_method, _subject, _failure) = (method, argument, null);
            _asked.Set();

            if (!_answered.Wait(Patience))
            {
                _isLate = true;
                throw new TimeoutException($"{method.DeclaringType}.{method.Name} did not return within {Patience.TotalSeconds:0} s.");
            }

            _answered.Reset();
            var result = _subject;
            (failure, _method, _subject, _failure) = (_failure, null, null, null);
            return result;
        }

        private void Run()
        {
            while (!_isLate)
            {
                _asked.Wait();
                _asked.Reset();

                try
                {
                    _subject = _method!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [_subject], null);
                }
                // Whatever it is, it belongs to whoever waits.
                catch (Exception exception)
                {
                    _failure = exception;
                }

                _answered.Set();
            }
        }
    }
}
