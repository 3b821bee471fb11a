using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>A receive, to be awaited by the process that began it.</summary>
/// <remarks>
/// It is awaited once, in the function that began it. What comes after the await is run by the process, in the slice in which the message is
/// taken. It is no <see cref="ValueTask{T}"/>: that one asks three times for each await whether it is a task, a result or the process.
/// </remarks>
/// <typeparam name="T">What is received.</typeparam>
public readonly struct ReceiveAwaitable<T> : ICriticalNotifyCompletion, IReceiveAwaitable
{
    private readonly PendingReceive _receive;

    internal ReceiveAwaitable(object? message) => _receive = new(message);

    internal ReceiveAwaitable(FunctionBody body, short token) => _receive = new(body, token);

    /// <summary>Whether the message has been taken, the time has run out, or the receive has failed.</summary>
    public bool IsCompleted => _receive.IsCompleted;

    /// <summary>Itself: for <c>await</c>.</summary>
    public ReceiveAwaitable<T> GetAwaiter() => this;

    /// <summary>What was received; null when the time ran out. For <c>await</c>.</summary>
    /// <remarks>What a predicate of the receive or a conversion of the message threw is thrown here.</remarks>
    /// <exception cref="InvalidOperationException">Nothing was received yet, or it has been awaited before.</exception>
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

    /// <summary>As a task, for <see cref="Task.WhenAny(Task[])"/> and the like. It counts as the one await, and fails as that would.</summary>
    public async Task<T> AsTask() => await this;
}

/// <summary>Tells a <see cref="ReceiveAwaitable{T}"/> from other awaiters.</summary>
internal interface IReceiveAwaitable
{
    /// <summary>Goes on with the code when the receive is done.</summary>
    public void OnCompleted(ProcessTaskBox code);
}

/// <summary>A receive, whatever is received.</summary>
internal readonly struct PendingReceive
{
    // Null where the message was there already.
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
