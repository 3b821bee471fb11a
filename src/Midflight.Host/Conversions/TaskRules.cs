namespace Midflight.Host;

/// <summary>How tasks that have ended are rebuilt.</summary>
internal static class TaskRules
{
    /// <summary>A task that has succeeded.</summary>
    public static object? TaskOf<T>(object old, Crossing crossing)
    {
        var was = (Task)old;

        if (was.IsCompletedSuccessfully)
        {
            var result = TaskConverter.ResultOf(was);
            var now = crossing.Part("Result", result);
            return ReferenceEquals(now, result) && old is Task<T> ? old : Ended((T)now!);
        }

        if (was.IsCanceled)
        {
            return old is Task<T> ? old : Task.FromCanceled<T>(new CancellationToken(canceled: true));
        }

        var failures = Failures(was, crossing, out var haveChanged);

        if (!haveChanged && old is Task<T>)
        {
            return old;
        }

        var failed = new TaskCompletionSource<T>();
        failed.SetException(failures);
        return failed.Task;
    }

    /// <summary>A task of its own that has succeeded. <see cref="Task.FromResult"/> gives the same one for every null and zero, so that two would become one.</summary>
    internal static Task<T> Ended<T>(T result)
    {
        var ended = new TaskCompletionSource<T>();
        ended.SetResult(result);
        return ended.Task;
    }

    /// <summary>A task that has ended and brings nothing.</summary>
    public static object? TaskAlone(object old, Crossing crossing)
    {
        if (!((Task)old).IsFaulted)
        {
            return old;
        }

        var failures = Failures((Task)old, crossing, out var haveChanged);

        if (!haveChanged)
        {
            return old;
        }

        var failed = new TaskCompletionSource();
        failed.SetException(failures);
        return failed.Task;
    }

    private static Exception[] Failures(Task task, Crossing crossing, out bool haveChanged)
    {
        var old = task.Exception!.InnerExceptions;
        var now = old.Select(failure => (Exception)crossing.Part("Exception", failure)!).ToArray();
        haveChanged = !now.SequenceEqual(old, ReferenceEqualityComparer.Instance);
        return now;
    }

    /// <summary>The end of a task in its source.</summary>
    public static object? Source<T>(object old, Crossing crossing)
    {
        var task = (Task)OwnRules.Get(old, "Task")!;
        var now = (Task<T>)crossing.Part("Task", task)!;

        if (ReferenceEquals(now, task))
        {
            return old;
        }

        var source = new TaskCompletionSource<T>();
        _ = now.IsCompletedSuccessfully ? source.TrySetResult(now.Result) : now.IsCanceled ? source.TrySetCanceled() : source.TrySetException(now.Exception!.InnerExceptions);
        return source;
    }
}

/// <summary>Takes over tasks that have ended, and those which can only bring something that no code version has made.</summary>
internal sealed class TaskConverter(Type type, Func<object, Crossing, object?> ended) : DeepConverter
{
    protected override object? Take(object value, Crossing crossing)
    {
        var task = (Task)value;

        if (!task.IsCompleted && crossing.Table.IsForeign(task))
        {
            throw crossing.Refuse(new(
                "Task", null, $"is a task{Unmovable.Runner(type)}, which will end in the old version", "Await it before the code changes, or hold its result."));
        }

        if (!task.IsCompleted)
        {
            return Brings(task.GetType()) is not { } result || Closed.IsPlace(result) ? task : throw crossing.Refuse(new(
                "Task", null, $"is a {LoadedTypes.Say(type)} that has not ended, and its result will belong to the old version", "Await it before the code changes, or hold its result."));
        }

        crossing.Pending(value);
        var now = ended(value, crossing);
        crossing.Became(value, now!);
        return now;
    }

    /// <summary>The result of a task that has succeeded and has one.</summary>
    public static object? ResultOf(Task task) => Brings(task.GetType()) is { } result && result.FullName != "System.Threading.Tasks.VoidTaskResult"
        ? OwnRules.Get(task, nameof(Task<>.Result))
        : null;

    private static Type? Brings(Type type)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            if (at.IsGenericType && at.GetGenericTypeDefinition() == typeof(Task<>))
            {
                return at.GetGenericArguments()[0];
            }
        }

        return null;
    }
}
