using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Midflight;

/// <summary>Asynchronous code of a <see cref="ProcessTask{T}"/> that has awaited something.</summary>
/// <remarks>
/// It is one object with its state machine in it, which a receive calls without a delegate (<see cref="FunctionBody"/>). For anything else that it awaits, a delegate is created.
/// A process runs it, in its slice, unless it awaits with <c>ConfigureAwait(false)</c>.
/// </remarks>
internal abstract class ProcessTaskBox
{
    private static readonly ContextCallback _advance = static box => ((ProcessTaskBox)box!).Advance();

    // What flows with it, as of its last await; null if that is suppressed.
    private ExecutionContext? _flow;

    private Action? _continuation;

    private volatile bool _isCompleted;

    /// <summary>Whether it has ended, successfully or not. Any thread.</summary>
    internal bool IsCompleted => _isCompleted;

    /// <summary>Continues after what it awaited.</summary>
    internal void MoveNext()
    {
        var flow = _flow;

        if (flow is not null && ExecutionContext.Capture() != flow)
        {
            ExecutionContext.Run(flow, _advance, this);
            return;
        }

        // The thread already has the same flow, usually because nothing flows with either. What the code changes must not stay there for others.
        Advance();

        if (flow is not null && ExecutionContext.Capture() != flow)
        {
            ExecutionContext.Restore(flow);
        }
    }

    /// <summary>Continues when the awaiter is done.</summary>
    internal void AwaitFlowing<TAwaiter>(ref TAwaiter awaiter)
        where TAwaiter : INotifyCompletion
    {
        KeepFlow();
        awaiter.OnCompleted(Continuation);
    }

    private void KeepFlow()
    {
        var flow = ExecutionContext.Capture();

        if (_flow != flow)
        {
            _flow = flow;
        }
    }

    /// <summary>For awaiters that can only call a delegate.</summary>
    internal Action Continuation => _continuation ??= MoveNext;

    /// <summary>Continues when the awaiter is done.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Await<TAwaiter>(ref TAwaiter awaiter)
        where TAwaiter : ICriticalNotifyCompletion
    {
        KeepFlow();

        // The compiler knows this for each kind of awaiter, so only one of the two branches is left.
        if (default(TAwaiter) is not null && awaiter is IReceiveAwaitable)
        {
            // Not boxed: the compiler calls the struct's own method.
            ((IReceiveAwaitable)awaiter).OnCompleted(this);
        }
        else
        {
            awaiter.UnsafeOnCompleted(Continuation);
        }
    }

    private protected abstract void Advance();

    private protected void Complete() => _isCompleted = true;
}

/// <inheritdoc/>
internal abstract class ProcessTaskBox<T> : ProcessTaskBox
{
    private static readonly TaskCompletionSource<T> _done = new();

    private T _result = default!;
    private ExceptionDispatchInfo? _failure;

    // Created by code that asks for the task before this is done; _done from then on. Whichever comes second of the two completes it:
    //   AsTask:   source = null → mine               SetResult: result, completed, source → _done
    //   if it was _done: from result                 if it was one: complete it
    private TaskCompletionSource<T>? _source;

    /// <summary>The box of a method that is about to await: its existing one, or a new one for its state machine.</summary>
    /// <param name="box">Where the method's builder keeps it.</param>
    /// <param name="machine">Contains that builder, so the box is stored there first and the state machine is copied then.</param>
    internal static ProcessTaskBox<T> Of<TMachine>([NotNull] ref ProcessTaskBox<T>? box, ref TMachine machine)
        where TMachine : IAsyncStateMachine
    {
        if (box is null)
        {
            var made = new ProcessTaskBox<T, TMachine>();
            box = made;
            made.Machine = machine;
        }

        return box;
    }

    /// <summary>The result; throws the exception of a failure.</summary>
    internal T Result
    {
        get
        {
            _failure?.Throw();
            return _result;
        }
    }

    internal Task<T> AsTask()
    {
        var source = Volatile.Read(ref _source);

        if (source is null)
        {
            var mine = new TaskCompletionSource<T>();
            source = Interlocked.CompareExchange(ref _source, mine, null) ?? mine;
        }

        if (source == _done)
        {
            source = new();
            Complete(source);
        }

        return source.Task;
    }

    internal void SetResult(T result)
    {
        _result = result;
        End();
    }

    internal void SetException(Exception exception)
    {
        _failure = ExceptionDispatchInfo.Capture(exception);
        End();
    }

    private void End()
    {
        Complete();

        if (Interlocked.Exchange(ref _source, _done) is { } source)
        {
            Complete(source);
        }
    }

    private void Complete(TaskCompletionSource<T> source)
    {
        if (_failure is null)
        {
            source.SetResult(_result);
        }
        else
        {
            source.SetException(_failure.SourceException);

            // The process reads and reports the failure here. A task that was created only to wait for the end must not be reported as unobserved.
            _ = source.Task.Exception;
        }
    }
}

/// <inheritdoc/>
internal sealed class ProcessTaskBox<T, TMachine> : ProcessTaskBox<T>
    where TMachine : IAsyncStateMachine
{
    internal TMachine Machine = default!;

    private protected override void Advance() => Machine.MoveNext();
}

/// <summary>A method that has thrown without having awaited anything.</summary>
internal sealed class FailedProcessTask<T> : ProcessTaskBox<T>
{
    internal FailedProcessTask(Exception exception) => SetException(exception);

    private protected override void Advance() => throw new InvalidOperationException("There is nothing to go on with.");
}
