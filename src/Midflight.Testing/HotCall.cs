using System.Linq.Expressions;
using System.Reflection;
using Midflight.Host;

namespace Midflight.Testing;

/// <summary>A call that a test writes with its own types, and that is made with the types of the running version.</summary>
internal sealed record HotCall(MethodInfo Method, object?[] Arguments)
{
    /// <summary>Reads it.</summary>
    /// <exception cref="ArgumentException">It is not a call of a public static function, or an argument has a type of hot code.</exception>
    public static HotCall Of(LambdaExpression call)
    {
        ArgumentNullException.ThrowIfNull(call);

        if (call.Body is not MethodCallExpression { Object: null, Method: { IsPublic: true, IsGenericMethod: false, DeclaringType: { } type } method } body)
        {
            throw new ArgumentException($"{call.Body} is not a call of a public static function. Write just one, as in `() => Counter.Add(1)`.", nameof(call));
        }

        if (method.GetParameters().FirstOrDefault(parameter => parameter.ParameterType.Assembly == type.Assembly) is { } hot)
        {
            throw new ArgumentException(
                $"{type.Name}.{method.Name} takes a {hot.ParameterType.Name}, which is another type in each version of the code. Test through a function that takes .NET types.",
                nameof(call));
        }

        return new(method, [.. body.Arguments.Select(argument => Expression.Lambda(argument).Compile(preferInterpretation: true).DynamicInvoke())]);
    }

    /// <summary>Makes the call, in a process of the node, and waits for its result.</summary>
    /// <exception cref="InvalidOperationException">The running version has no such function.</exception>
    public async Task<object?> Run(HostedNode hosted)
    {
        var function = Find(hosted.Code);
        object? result = null;
        await hosted.Node.Run(async () => result = await Awaited(function.Invoke(null, BindingFlags.DoNotWrapExceptions, null, Arguments, null)).ConfigureAwait(false)).ConfigureAwait(false);
        return result;
    }

    private MethodInfo Find(CodeServer code)
    {
        var wanted = Method.GetParameters().Select(parameter => parameter.ParameterType);
        return code.FindModule(Method.DeclaringType!.FullName!)?.GetMethods(BindingFlags.Public | BindingFlags.Static)
            .FirstOrDefault(method => method.Name == Method.Name && method.GetParameters().Select(parameter => parameter.ParameterType).SequenceEqual(wanted))
            ?? throw new InvalidOperationException(
                $"The running version has no {Method.DeclaringType.FullName}.{Method.Name}({string.Join(", ", wanted.Select(type => type.Name))}). Call a function that both versions have.");
    }

    private static async Task<object?> Awaited(object? result)
    {
        // A ValueTask of an unknown type becomes a task by its own method.
        var task = result as Task ?? result?.GetType().GetMethod("AsTask", Type.EmptyTypes)?.Invoke(result, null) as Task;

        if (task is null)
        {
            return result;
        }

        await task.ConfigureAwait(false);
        return task.GetType().GetProperty("Result") is { PropertyType.FullName: not "System.Threading.Tasks.VoidTaskResult" } value ? value.GetValue(task) : null;
    }
}
