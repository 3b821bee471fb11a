using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>What a process function returns that is the whole process: the asynchronous code, or that there is none left.</summary>
/// <remarks>
/// <para>
/// Written as <c>async ProcessTask</c>, where other code has <c>async Task</c>. It differs in that the process calls it back by itself: it takes one
/// object where a task takes two, and half of the memory. What a process function calls may return either.
/// </para>
/// <para>What flows with asynchronous code (<see cref="AsyncLocal{T}"/>, culture, activity) flows with it.</para>
/// </remarks>
[AsyncMethodBuilder(typeof(ProcessTaskMethodBuilder))]
public readonly struct ProcessTask
{
    private readonly Task? _task;

    internal ProcessTask(ProcessTaskBox<Next>? box) => Box = box;

    private ProcessTask(Task task) => _task = task;

    /// <summary>One that is done.</summary>
    public static ProcessTask CompletedTask => default;

    /// <summary>The code under way; null where it is done without having awaited anything, or is a task.</summary>
    internal ProcessTaskBox<Next>? Box { get; }

    /// <summary>A task, so that a function may return what other code gave it. Where that comes to a <see cref="Next"/>, the process goes on there.</summary>
    public static implicit operator ProcessTask(Task task) => FromTask(task);

    /// <inheritdoc cref="op_Implicit"/>
    /// <exception cref="ArgumentNullException">There is no task.</exception>
    public static ProcessTask FromTask(Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return new(task);
    }

    /// <summary>As a task, for <see cref="Task.WhenAny(Task[])"/> and the like; as often as is liked.</summary>
    public Task AsTask() => _task ?? Box?.AsTask() ?? Task.CompletedTask;

    /// <summary>For <c>await</c>.</summary>
    public TaskAwaiter GetAwaiter() => AsTask().GetAwaiter();
}

/// <summary>What a process function returns that goes on in another one, or in itself: a <see cref="Next"/>, or the asynchronous code that comes to it.</summary>
/// <inheritdoc cref="ProcessTask"/>
/// <typeparam name="T">What it comes to: <see cref="Next"/> for a process function, anything for a method that such a one awaits.</typeparam>
[AsyncMethodBuilder(typeof(ProcessTaskMethodBuilder<>))]
public readonly struct ProcessTask<T>
{
    private readonly T _result;

    /// <summary>One that is done.</summary>
    public ProcessTask(T result) => _result = result;

    internal ProcessTask(ProcessTaskBox<T> box) => (Box, _result) = (box, default!);

    /// <summary>The code under way; null where it is done without having awaited anything.</summary>
    internal ProcessTaskBox<T>? Box { get; }

    /// <summary>What it came to where there is no <see cref="Box"/>.</summary>
    internal T Result => _result;

    /// <inheritdoc cref="ProcessTask.AsTask"/>
    public Task<T> AsTask() => Box?.AsTask() ?? Task.FromResult(_result);

    /// <inheritdoc cref="ProcessTask.GetAwaiter"/>
    public TaskAwaiter<T> GetAwaiter() => AsTask().GetAwaiter();
}
