using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>A receive, to be awaited by the process that started it.</summary>
/// <remarks>
/// Await it once, in the function that started it. The process runs the code after the await in the slice in which it takes the
/// message. It is not a <see cref="ValueTask{T}"/>, because that one asks three times for each await whether it is a task, a result or the process.
/// </remarks>
/// <typeparam name="T">The type of the received message.</typeparam>
public readonly struct ReceiveAwaitable<T> : ICriticalNotifyCompletion, IReceiveAwaitable
{
    private readonly PendingReceive _receive;

    internal ReceiveAwaitable(object? message) => _receive = new(message);

    internal ReceiveAwaitable(FunctionBody body, short token) => _receive = new(body, token);

    /// <summary>Whether the message has been taken, the wait has timed out, or the receive has failed.</summary>
    public bool IsCompleted => _receive.IsCompleted;

    /// <summary>Returns itself, for <c>await</c>.</summary>
    public ReceiveAwaitable<T> GetAwaiter() => this;

    /// <summary>The received message; null if the wait timed out. For <c>await</c>.</summary>
    /// <remarks>Exceptions of the receive's predicate or of the message's conversion are thrown here.</remarks>
    /// <exception cref="InvalidOperationException">Nothing has been received yet, or it has been awaited before.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T GetResult() => (T)_receive.Result!;

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => _receive.OnCompleted(continuation);

    void IReceiveAwaitable.OnCompleted(ProcessTaskBox code) => _receive.OnCompleted(code);

    /// <inheritdoc/>
    public void OnCompleted(Action continuation)
    {
        var context = ExecutionContext.Capture();
        UnsafeOnCompleted(context is null ? continuation : () => ExecutionContext.Run(context, static of => ((Action)of!)(), continuation));
    }

    /// <summary>As a task, for <see cref="Task.WhenAny(Task[])"/> and the like. It counts as the one await, and fails in the same way.</summary>
    public async Task<T> AsTask() => await this;
}

/// <summary>Distinguishes a <see cref="ReceiveAwaitable{T}"/> from other awaiters.</summary>
internal interface IReceiveAwaitable
{
    /// <summary>Continues the code when the receive is done.</summary>
    public void OnCompleted(ProcessTaskBox code);
}

/// <summary>A receive of any type.</summary>
internal readonly struct PendingReceive
{
    // Null if the message was already there.
    private readonly FunctionBody? _body;
    private readonly object? _message;
    private readonly short _token;

    internal PendingReceive(object? message) => _message = message;

    internal PendingReceive(FunctionBody body, short token) => (_body, _token) = (body, token);

    internal bool IsCompleted
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _body?.HasReceived(_token) ?? true;
    }

    internal object? Result
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _body is { } body ? body.Received(_token) : _message;
    }

    internal void OnCompleted(Action continuation)
    {
        if (_body is { } body)
        {
            body.OnReceived(continuation);
        }
        else
        {
            continuation();
        }
    }

    internal void OnCompleted(ProcessTaskBox code)
    {
        if (_body is { } body)
        {
            body.OnReceived(code);
        }
        else
        {
            code.MoveNext();
        }
    }
}
