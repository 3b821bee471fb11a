using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>The result of a process function that is the whole process: asynchronous code in progress, or none.</summary>
/// <remarks>
/// <para>
/// Write <c>async ProcessTask</c> where other code has <c>async Task</c>. The process itself calls the code back, so it takes one
/// object where a task takes two, and half the memory. Methods that a process function calls may return either.
/// </para>
/// <para>Whatever flows with asynchronous code (<see cref="AsyncLocal{T}"/>, culture, activity) flows with it.</para>
/// </remarks>
[AsyncMethodBuilder(typeof(ProcessTaskMethodBuilder))]
public readonly struct ProcessTask
{
    private readonly Task? _task;

    internal ProcessTask(ProcessTaskBox<Next>? box) => Box = box;

    private ProcessTask(Task task) => _task = task;

    /// <summary>A completed one.</summary>
    public static ProcessTask CompletedTask => default;

    /// <summary>The code in progress; null if it is done without having awaited anything, or is a task.</summary>
    internal ProcessTaskBox<Next>? Box { get; }

    /// <summary>A task, so that a function may return a task of other code. If that results in a <see cref="Next"/>, the process continues there.</summary>
    public static implicit operator ProcessTask(Task task) => FromTask(task);

    /// <inheritdoc cref="op_Implicit"/>
    /// <exception cref="ArgumentNullException">The task is null.</exception>
    public static ProcessTask FromTask(Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return new(task);
    }

    /// <summary>As a task, for <see cref="Task.WhenAny(Task[])"/> and the like; any number of times.</summary>
    public Task AsTask() => _task ?? Box?.AsTask() ?? Task.CompletedTask;

    /// <summary>For <c>await</c>.</summary>
    public TaskAwaiter GetAwaiter() => AsTask().GetAwaiter();
}

/// <summary>The result of a process function that continues in another function, or in itself: a <see cref="Next"/>, or asynchronous code that results in one.</summary>
/// <inheritdoc cref="ProcessTask"/>
/// <typeparam name="T">The result: <see cref="Next"/> for a process function, anything for a method that a process function awaits.</typeparam>
[AsyncMethodBuilder(typeof(ProcessTaskMethodBuilder<>))]
public readonly struct ProcessTask<T>
{
    private readonly T _result;

    /// <summary>A completed one.</summary>
    public ProcessTask(T result) => _result = result;

    internal ProcessTask(ProcessTaskBox<T> box) => (Box, _result) = (box, default!);

    /// <summary>The code in progress; null if it is done without having awaited anything.</summary>
    internal ProcessTaskBox<T>? Box { get; }

    /// <summary>The result, if there is no <see cref="Box"/>.</summary>
    internal T Result => _result;

    /// <inheritdoc cref="ProcessTask.AsTask"/>
    public Task<T> AsTask() => Box?.AsTask() ?? Task.FromResult(_result);

    /// <inheritdoc cref="ProcessTask.GetAwaiter"/>
    public TaskAwaiter<T> GetAwaiter() => AsTask().GetAwaiter();
}
