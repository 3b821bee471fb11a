using System.Reflection;
using System.Security.Claims;
using System.Threading.Channels;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace Midflight.AspNetCore;

/// <summary>One method of a hub.</summary>
internal sealed class HubMethod
{
    internal HubMethod(string name, MethodInfo method, ModuleServices services)
    {
        (Name, Method) = (name, method);
        Parameters = method.GetParameters();
        Sent = [.. Parameters.Where(parameter => Kind(parameter, services) == ParameterKind.Sent).Select(parameter => parameter.ParameterType)];
        Kinds = [.. Parameters.Select(parameter => Kind(parameter, services))];
        Streams = (StreamItem(method.ReturnType) ?? (method.ReturnType.IsGenericType ? StreamItem(method.ReturnType.GetGenericArguments()[0]) : null)) is not null;
        HasResult = method.ReturnType != typeof(void) && method.ReturnType != typeof(Task) && method.ReturnType != typeof(ValueTask);
    }

    internal string Name { get; }

    internal MethodInfo Method { get; }

    internal ParameterInfo[] Parameters { get; }

    internal ParameterKind[] Kinds { get; }

    /// <summary>The types of the arguments that the client sends.</summary>
    internal Type[] Sent { get; }

    /// <summary>Whether its answer is a stream.</summary>
    internal bool Streams { get; }

    /// <summary>Whether its answer has a value.</summary>
    internal bool HasResult { get; }

    /// <summary>Checks whether a user may call it.</summary>
    /// <exception cref="HubException">It may not.</exception>
    internal async Task Authorize(ClaimsPrincipal? user, ServiceLease services)
    {
        var asked = Method.GetCustomAttributes(inherit: true).OfType<IAuthorizeData>().ToList();

        if (asked.Count > 0 && await AuthorizationPolicy.CombineAsync(services.GetRequiredService<IAuthorizationPolicyProvider>(), asked) is { } policy
            && !(await services.GetRequiredService<IAuthorizationService>().AuthorizeAsync(user ?? new(new ClaimsIdentity()), null, policy)).Succeeded)
        {
            throw new HubException($"Failed to invoke '{Name}' because user is unauthorized");
        }
    }

    /// <summary>Calls it, and waits for its result.</summary>
    internal async Task<object?> Invoke(Hub hub, object?[] arguments)
    {
        var returned = Method.Invoke(hub, BindingFlags.DoNotWrapExceptions, null, arguments, null);
        var task = returned switch
        {
            Task already => already,
            ValueTask value => value.AsTask(),
            not null when returned.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(ValueTask<>) => (Task)type.GetMethod(nameof(ValueTask<>.AsTask))!.Invoke(returned, null)!,
            _ => null,
        };

        if (task is null)
        {
            return returned;
        }

        await task;
        return HasResult ? task.GetType().GetProperty(nameof(Task<>.Result))!.GetValue(task) : null;
    }

    /// <summary>Passes on the items of a stream.</summary>
    internal Task Send(object stream, Func<object?, ValueTask> send, CancellationToken cancelled)
    {
        var item = stream.GetType().GetInterfaces().Append(stream.GetType()).Concat(Bases(stream.GetType())).Select(StreamItem).First(found => found is not null)!;
        return (Task)typeof(HubMethod).GetMethod(nameof(SendAll), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(item)
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [stream, send, cancelled], null)!;
    }

    private static IEnumerable<Type> Bases(Type type)
    {
        for (var of = type.BaseType; of is not null; of = of.BaseType)
        {
            yield return of;
        }
    }

    private static async Task SendAll<T>(object stream, Func<object?, ValueTask> send, CancellationToken cancelled)
    {
        var items = stream as IAsyncEnumerable<T> ?? ((ChannelReader<T>)stream).ReadAllAsync(cancelled);

        await foreach (var item in items.WithCancellation(cancelled))
        {
            await send(item);
        }
    }

    private static ParameterKind Kind(ParameterInfo parameter, ModuleServices services) =>
        parameter.ParameterType == typeof(CancellationToken) ? ParameterKind.Cancellation
        : StreamItem(parameter.ParameterType) is not null ? ParameterKind.Stream
        : services.IsService(parameter.ParameterType) ? ParameterKind.Service
        : ParameterKind.Sent;

    /// <summary>The item type of a stream type; null for any other type.</summary>
    internal static Type? StreamItem(Type type) => type.IsConstructedGenericType && type.GetGenericTypeDefinition() is var open && (open == typeof(IAsyncEnumerable<>) || open == typeof(ChannelReader<>))
        ? type.GetGenericArguments()[0]
        : null;
}

/// <summary>Where the argument of a hub's method comes from.</summary>
internal enum ParameterKind
{
    Sent,
    Stream,
    Service,
    Cancellation,
}
