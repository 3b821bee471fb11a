using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Midflight;

/// <summary>Asynchronous code of a <see cref="ProcessTask{T}"/> that has awaited something.</summary>
/// <remarks>
/// It is one object with its state machine in it, which a receive calls without a delegate (<see cref="FunctionBody"/>); for all else that it awaits one is made.
/// What runs it is a process, in its slice, unless it awaits with <c>ConfigureAwait(false)</c>.
/// </remarks>
internal abstract class ProcessTaskBox
{
    private static readonly ContextCallback _advance = static box => ((ProcessTaskBox)box!).Advance();

    // What flows with it, as of its last await; null where that is suppressed.
    private ExecutionContext? _flow;

    private Action? _continuation;

    private volatile bool _isCompleted;

    /// <summary>Whether it has come to its end, well or not. Any thread.</summary>
    internal bool IsCompleted => _isCompleted;

    /// <summary>Goes on behind what it awaited.</summary>
    internal void MoveNext()
    {
        var flow = _flow;

        if (flow is not null && ExecutionContext.Capture() != flow)
        {
            ExecutionContext.Run(flow, _advance, this);
            return;
        }

        // The thread has it already, mostly since nothing flows with either; what the code changes is not to stay there for others.
        Advance();

        if (flow is not null && ExecutionContext.Capture() != flow)
        {
            ExecutionContext.Restore(flow);
        }
    }

    /// <summary>Goes on when the awaiter is done.</summary>
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

    /// <summary>For those who know no more than to call.</summary>
    internal Action Continuation => _continuation ??= MoveNext;

    /// <summary>Goes on when the awaiter is done.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Await<TAwaiter>(ref TAwaiter awaiter)
        where TAwaiter : ICriticalNotifyCompletion
    {
        KeepFlow();

        // Known to the compiler for each kind of awaiter, so only one of the two is left.
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

    // Made by who asks for the task before the code is done; _done from then on. Whoever comes second of the two completes it:
    //   AsTask:   source = null → mine               SetResult: result, completed, source → _done
    //   if it was _done: from result                 if it was one: complete it
    private TaskCompletionSource<T>? _source;

    /// <summary>That of a method which is about to await: the one that it has, or one made of its machine.</summary>
    /// <param name="box">Where the builder of the method keeps it.</param>
    /// <param name="machine">Has that builder in it: so the box is put there first, and the machine copied then.</param>
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

    /// <summary>What it has come to; throws what it has failed with.</summary>
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

            // The process reads the failure here and reports it: a task that was only made to wait for the end is not to be reported as unobserved.
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
