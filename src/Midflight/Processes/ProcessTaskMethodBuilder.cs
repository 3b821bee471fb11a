using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>How the compiler builds an <c>async</c> method that returns a <see cref="ProcessTask"/>; not for use in code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct ProcessTaskMethodBuilder
{
    // For a process, it is a function that continues in its end.
    private ProcessTaskBox<Next>? _box;

    /// <summary>What the method returns.</summary>
    public readonly ProcessTask Task => new(_box);

    /// <summary>A builder for one call of the method.</summary>
    public static ProcessTaskMethodBuilder Create() => default;

    /// <summary>Starts the method.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "The compiler asks for it as it is.")]
    public readonly void Start<TMachine>(ref TMachine machine)
        where TMachine : IAsyncStateMachine =>
        // .NET's builder calls it, and keeps what it sets from flowing to the caller of the method.
        default(AsyncTaskMethodBuilder).Start(ref machine);

    /// <summary>Does nothing: nobody else creates an object for the state machine.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "The compiler asks for it as it is.")]
    public readonly void SetStateMachine(IAsyncStateMachine machine) => ArgumentNullException.ThrowIfNull(machine);

    /// <summary>The method has returned.</summary>
    public readonly void SetResult() => _box?.SetResult(Next.End);

    /// <summary>The method has thrown.</summary>
    public void SetException(Exception exception)
    {
        if (_box is { } box)
        {
            box.SetException(exception);
        }
        else
        {
            _box = new FailedProcessTask<Next>(exception);
        }
    }

    /// <summary>The method awaits something.</summary>
    public void AwaitOnCompleted<TAwaiter, TMachine>(ref TAwaiter awaiter, ref TMachine machine)
        where TAwaiter : INotifyCompletion
        where TMachine : IAsyncStateMachine => ProcessTaskBox<Next>.Of(ref _box, ref machine).AwaitFlowing(ref awaiter);

    /// <summary>The method awaits something.</summary>
    public void AwaitUnsafeOnCompleted<TAwaiter, TMachine>(ref TAwaiter awaiter, ref TMachine machine)
        where TAwaiter : ICriticalNotifyCompletion
        where TMachine : IAsyncStateMachine => ProcessTaskBox<Next>.Of(ref _box, ref machine).Await(ref awaiter);
}

/// <summary>How the compiler builds an <c>async</c> method that returns a <see cref="ProcessTask{T}"/>; not for use in code.</summary>
/// <typeparam name="T">The method's result.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct ProcessTaskMethodBuilder<T>
{
    private ProcessTaskBox<T>? _box;
    private T _result;

    /// <inheritdoc cref="ProcessTaskMethodBuilder.Task"/>
    public readonly ProcessTask<T> Task => _box is { } box ? new(box) : new(_result);

    /// <inheritdoc cref="ProcessTaskMethodBuilder.Create"/>
    [SuppressMessage("Design", "CA1000", Justification = "The compiler asks for it here.")]
    public static ProcessTaskMethodBuilder<T> Create() => default;

    /// <inheritdoc cref="ProcessTaskMethodBuilder.Start"/>
    public readonly void Start<TMachine>(ref TMachine machine)
        where TMachine : IAsyncStateMachine => default(AsyncTaskMethodBuilder).Start(ref machine);

    /// <inheritdoc cref="ProcessTaskMethodBuilder.SetStateMachine"/>
    public readonly void SetStateMachine(IAsyncStateMachine machine) => ArgumentNullException.ThrowIfNull(machine);

    /// <inheritdoc cref="ProcessTaskMethodBuilder.SetResult"/>
    public void SetResult(T result)
    {
        if (_box is { } box)
        {
            box.SetResult(result);
        }
        else
        {
            _result = result;
        }
    }

    /// <inheritdoc cref="ProcessTaskMethodBuilder.SetException"/>
    public void SetException(Exception exception)
    {
        if (_box is { } box)
        {
            box.SetException(exception);
        }
        else
        {
            _box = new FailedProcessTask<T>(exception);
        }
    }

    /// <inheritdoc cref="ProcessTaskMethodBuilder.AwaitOnCompleted"/>
    public void AwaitOnCompleted<TAwaiter, TMachine>(ref TAwaiter awaiter, ref TMachine machine)
        where TAwaiter : INotifyCompletion
        where TMachine : IAsyncStateMachine => ProcessTaskBox<T>.Of(ref _box, ref machine).AwaitFlowing(ref awaiter);

    /// <inheritdoc cref="ProcessTaskMethodBuilder.AwaitUnsafeOnCompleted"/>
    public void AwaitUnsafeOnCompleted<TAwaiter, TMachine>(ref TAwaiter awaiter, ref TMachine machine)
        where TAwaiter : ICriticalNotifyCompletion
        where TMachine : IAsyncStateMachine => ProcessTaskBox<T>.Of(ref _box, ref machine).Await(ref awaiter);
}
