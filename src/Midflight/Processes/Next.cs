using System.Reflection;

namespace Midflight;

/// <summary>What a process function ends in: the end of the process, or the function that it continues with.</summary>
/// <remarks>
/// The two ways to continue are Erlang's two calls: <c>?MODULE:loop(N)</c> is <see cref="Current{T}"/> and uses the newest
/// code; <c>loop(N)</c> is <see cref="Local{T}"/> and stays in the version that the process runs.
/// </remarks>
public abstract class Next
{
    private protected Next(bool qualified) => Qualified = qualified;

    /// <summary>The process has done its work and ends normally.</summary>
    public static Next End { get; } = new Ending();

    internal bool Qualified { get; }

    /// <summary>Continues in the current version of the function.</summary>
    public static Next Current(Func<ProcessTask<Next>> function) => new Step(function, qualified: true);

    /// <summary>Continues in the current version of the function.</summary>
    /// <param name="function">A static method; it is looked up by name in the current code version.</param>
    /// <param name="argument">Converted if the process moves to another code version.</param>
    public static Next Current<T>(Func<T, ProcessTask<Next>> function, T argument) => new Step<T>(function, argument, qualified: true);

    /// <inheritdoc cref="Current{T}"/>
    public static Next Current<T1, T2>(Func<T1, T2, ProcessTask<Next>> function, T1 first, T2 second) =>
        new Step<T1, T2>(function, first, second, qualified: true);

    /// <summary>Continues in the given function's own version, old or current.</summary>
    public static Next Local(Func<ProcessTask<Next>> function) => new Step(function, qualified: false);

    /// <summary>Continues in the given function's own version, old or current.</summary>
    public static Next Local<T>(Func<T, ProcessTask<Next>> function, T argument) => new Step<T>(function, argument, qualified: false);

    /// <inheritdoc cref="Local{T}"/>
    public static Next Local<T1, T2>(Func<T1, T2, ProcessTask<Next>> function, T1 first, T2 second) =>
        new Step<T1, T2>(function, first, second, qualified: false);

    internal abstract Delegate? Function { get; }

    internal abstract object?[] Arguments { get; }

    /// <summary>Calls the function.</summary>
    internal abstract Begun Invoke();

    /// <summary>What the process continues with after a completed task. Throws the task's exception.</summary>
    internal static Next? Of(Task done)
    {
        if (done is Task<Next> to)
        {
            return to.GetAwaiter().GetResult();
        }

        done.GetAwaiter().GetResult();
        return End;
    }

    /// <summary>The result of a call: what the process continues with, if the function is already done; otherwise one of the two that will say.</summary>
    internal readonly record struct Begun(Next? Next, ProcessTaskBox<Next>? Function, Task? Task)
    {
        internal static Begun Of(ProcessTask<Next> function) => new(function.Result, function.Box, null);

        internal static Begun Of(ProcessTask function)
        {
            if (function.Box is { } box)
            {
                return new(null, box, null);
            }

            var task = function.AsTask();
            return task.IsCompletedSuccessfully ? new(Midflight.Next.Of(task), null, null) : new(null, null, task);
        }
    }

    /// <summary>The same call in another code version: the function looked up by name, the arguments converted.</summary>
    internal Next In(CodeVersion version)
    {
        if (Function is not { } function || function.Target is not null)
        {
            // A closure belongs to the version that created it, as in OTP.
            return this;
        }

        var method = version.Namesake(function.Method);
        var arguments = Arguments;
        var parameters = method.GetParameters();

        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Door.Into(version, arguments[i], parameters[i].ParameterType);
        }

        return Make(method, arguments);
    }

    /// <summary>The same kind of call, of another method.</summary>
    private protected virtual Next Make(MethodInfo method, object?[] arguments) => Create(method, arguments);

    /// <summary>A qualified call of a static method with these arguments.</summary>
    internal static Next Create(MethodInfo method, object?[] arguments)
    {
        var types = method.GetParameters().Select(parameter => parameter.ParameterType).ToArray();
        var open = (types.Length, method.ReturnType == typeof(ProcessTask)) switch
        {
            (0, false) => typeof(Step),
            (1, false) => typeof(Step<>),
            (2, false) => typeof(Step<,>),
            (0, true) => typeof(Plain),
            (1, true) => typeof(Plain<>),
            _ => throw new MissingMethodException($"{method.DeclaringType}.{method.Name} is not a process function: it takes {types.Length} arguments, and at most 2 are allowed."),
        };
        var closed = types.Length == 0 ? open : open.MakeGenericType(types);
        var function = method.CreateDelegate(closed.GetConstructors(Any)[0].GetParameters()[0].ParameterType);
        return (Next)closed.GetConstructors(Any)[0].Invoke([function, .. arguments, true]);
    }

    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private sealed class Ending() : Next(false)
    {
        internal override Delegate? Function => null;

        internal override object?[] Arguments => [];

        internal override Begun Invoke() => throw new InvalidOperationException("The end goes on nowhere.");
    }

    private sealed class Step(Func<ProcessTask<Next>> function, bool qualified) : Next(qualified)
    {
        internal override Delegate Function => function;

        internal override object?[] Arguments => [];

        internal override Begun Invoke() => Begun.Of(function());
    }

    private sealed class Step<T>(Func<T, ProcessTask<Next>> function, T argument, bool qualified) : Next(qualified)
    {
        internal override Delegate Function => function;

        internal override object?[] Arguments => [argument];

        internal override Begun Invoke() => Begun.Of(function(argument));
    }

    private sealed class Step<T1, T2>(Func<T1, T2, ProcessTask<Next>> function, T1 first, T2 second, bool qualified) : Next(qualified)
    {
        internal override Delegate Function => function;

        internal override object?[] Arguments => [first, second];

        internal override Begun Invoke() => Begun.Of(function(first, second));
    }

    /// <summary>A system message, handled by the body that the process has in the meantime.</summary>
    internal sealed class System(PendingCall call, ServerBody body) : Next(false)
    {
        internal PendingCall Call => call;

        internal ServerBody Body => body;

        internal override Delegate? Function => null;

        internal override object?[] Arguments => [];

        internal override Begun Invoke() => throw new InvalidOperationException("A system message is no function.");
    }

    /// <summary>The process becomes a server.</summary>
    internal sealed class Server(ServerBody body, TimeSpan idle, object? with) : Next(false)
    {
        internal ServerBody Body => body;

        internal override Delegate? Function => null;

        internal override object?[] Arguments => [];

        internal override Begun Invoke() => throw new InvalidOperationException("A server is no function.");

        internal void Enter(Cell cell, DebugOptions? debug)
        {
            cell.Body = body;
            body.Watch(debug);
            body.EnterLoop(cell, idle, with);
        }
    }

    /// <summary>A function that is the whole process.</summary>
    internal sealed class Plain(Func<ProcessTask> function, bool qualified) : Next(qualified)
    {
        internal override Delegate Function => function;

        internal override object?[] Arguments => [];

        internal override Begun Invoke() => Begun.Of(function());
    }

    internal sealed class Plain<T>(Func<T, ProcessTask> function, T argument, bool qualified) : Next(qualified)
    {
        internal override Delegate Function => function;

        internal override object?[] Arguments => [argument];

        internal override Begun Invoke() => Begun.Of(function(argument));
    }
}
