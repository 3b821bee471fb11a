using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>Describes the children of a supervisor.</summary>
public static class Child
{
    /// <summary>A server or a supervisor.</summary>
    /// <param name="argument">Passed to its Init at each start. An argument from another code version is converted there.</param>
    public static ChildSpec Of<TModule>(object? argument = null)
        where TModule : Behaviour => Of(typeof(TModule), argument);

    /// <inheritdoc cref="Of{TModule}(object?)"/>
    /// <param name="module">Its type, in any version; the current one is started.</param>
    /// <param name="argument">Passed to its Init at each start. An argument from another code version is converted there.</param>
    [MethodImpl(Inlining.NotIntoHotCode)]
    public static ChildSpec Of(Type module, object? argument = null)
    {
        ArgumentNullException.ThrowIfNull(module);

        if (!module.IsAssignableTo(typeof(Behaviour)) || module.IsAbstract)
        {
            throw new ArgumentException(
                $"{module.FullName} cannot be started by a supervisor: it is not a concrete behaviour. Derive it from GenServer or Supervisor, or start a function with Child.Running.",
                nameof(module));
        }

        var name = ModuleName.Of(module);
        return new(name.ShortName, new ChildStart.OfModule(name, argument), module.IsAssignableTo(typeof(Supervisor)) || module.IsAssignableTo(typeof(DynamicSupervisor)));
    }

    /// <summary>A supervisor without a class of its own. Its id is <c>supervisor</c>.</summary>
    /// <param name="spec">Its children and how it treats them. An upgrade does not change them: see <see cref="Supervisor.StartLink(SupervisorSpec, string?)"/>.</param>
    public static ChildSpec Of(SupervisorSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Of<GivenSupervisor>(spec) with { Id = "supervisor" };
    }

    /// <summary>A dynamic supervisor without a class of its own. Its id is <c>supervisor</c>.</summary>
    /// <param name="spec">Its limits on children and restarts. Use <c>new()</c> for the defaults.</param>
    public static ChildSpec Of(DynamicSupervisorSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Of<GivenDynamicSupervisor>(spec) with { Id = "supervisor" };
    }

    /// <summary>A plain process. Its id is the function's name.</summary>
    /// <param name="function">In hot code, a static method: it is looked up by name in the current version.</param>
    public static ChildSpec Running(Func<ProcessTask<Next>> function) => Make(Next.Current(function));

    /// <inheritdoc cref="Running(Func{ProcessTask{Next}})"/>
    /// <param name="function">In hot code, a static method: it is looked up by name in the current version.</param>
    /// <param name="argument">Passed to it at each start.</param>
    public static ChildSpec Running<T>(Func<T, ProcessTask<Next>> function, T argument) => Make(Next.Current(function, argument));

    /// <inheritdoc cref="Running(Func{ProcessTask{Next}})"/>
    public static ChildSpec Running(Func<ProcessTask> function) => Make(new Next.Plain(function, true));

    /// <inheritdoc cref="Running{T}(Func{T, ProcessTask{Next}}, T)"/>
    public static ChildSpec Running<T>(Func<T, ProcessTask> function, T argument) => Make(new Next.Plain<T>(function, argument, true));

    [MethodImpl(Inlining.NotIntoHotCode)]
    private static ChildSpec Make(Next next)
    {
        var function = next.Function ?? throw new ArgumentException("A child needs a function.", nameof(next));
        var method = function.Method;

        if (CodeVersion.Of(method.Module.Assembly) is null)
        {
            return new(method.Name, new ChildStart.OfFunction(next), false);
        }

        if (!method.IsStatic)
        {
            throw new ArgumentException(
                $"A supervisor starts a child by name, but {method.DeclaringType}.{method.Name} is a lambda or an instance method. Give a static method.",
                nameof(next));
        }

        return new(
            method.Name,
            new ChildStart.OfHotFunction(
                ModuleName.Of(method.DeclaringType!), method.Name, [.. method.GetParameters().Select(parameter => parameter.ParameterType.ToString())], next.Arguments),
            false);
    }
}
