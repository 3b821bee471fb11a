using System.Reflection;

namespace Midflight;

/// <summary>The function of a job, in the form that its process runs.</summary>
internal abstract class JobRun(Job job) : Next(qualified: true)
{
    private protected Job Job => job;

    internal sealed override Begun Invoke() => Begun.Of(Told());

    private async ProcessTask Told()
    {
        Process.Here.Bonds.Callers = job.Callers;

        try
        {
            await Run();
        }
        // The process still ends with it. Code that awaits the result may start too late for a monitor to know the reason.
        catch (Exception exception)
        {
            job.Owner.Post(new JobSignal(job, null, 0, ExitException.ReasonOf(exception)));
            throw;
        }
    }

    private protected abstract ValueTask Run();

    private protected void Done<T>(T result)
    {
        var packed = Unboxed<T>.Pack(result, out var bits);
        job.Owner.Post(new JobSignal(job, packed, bits, null));
    }

    private protected override Next Make(MethodInfo method, object?[] arguments)
    {
        Type[] types = [.. method.GetParameters().Select(parameter => parameter.ParameterType), method.ReturnType.GetGenericArguments()[0]];
        var constructor = (types.Length == 1 ? typeof(JobRun<>) : typeof(JobRun<,>)).MakeGenericType(types).GetConstructors()[0];
        return (Next)constructor.Invoke([method.CreateDelegate(constructor.GetParameters()[0].ParameterType), .. arguments, job]);
    }
}

internal sealed class JobRun<T>(Func<Task<T>> function, Job job) : JobRun(job)
{
    internal override Delegate Function => function;

    internal override object?[] Arguments => [];

    private protected override async ValueTask Run() => Done(await function());
}

internal sealed class JobRun<TArgument, T>(Func<TArgument, Task<T>> function, TArgument argument, Job job) : JobRun(job)
{
    internal override Delegate Function => function;

    internal override object?[] Arguments => [argument];

    private protected override async ValueTask Run() => Done(await function(argument));
}

/// <summary>Delivers the outcome of a job to the process that started it, even while that is in a callback.</summary>
internal sealed class JobSignal(Job job, object? result, long bits, ExitReason? failure) : Signal
{
    internal override void Act(Cell cell) => job.Done(result, bits, failure);
}

/// <summary>Watches a job for ends that it does not report itself.</summary>
internal sealed class JobWatch(Job job, Pid pid) : MonitorRef(job.Owner, pid)
{
    internal override void Ended(Cell watcher, ExitReason reason) => job.Done(null, 0, reason);
}
