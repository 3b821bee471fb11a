using System.Reflection;

namespace Midflight;

/// <summary>A function on its way to an agent. It is not converted like other messages, because the agent knows whose failure a mismatch is.</summary>
internal sealed class AgentRequest(AgentFunction function)
{
    internal AgentFunction Function => function;

    /// <inheritdoc/>
    public override string ToString() => function.ToString();
}

/// <summary>What an agent should do with its state.</summary>
internal abstract class AgentFunction
{
    private protected abstract Delegate Function { get; }

    /// <summary>The code version of the function; null if it is not hot.</summary>
    internal CodeVersion? Version => CodeVersion.Of(Function);

    /// <summary>The same function in the current code version, if it is a named static method of another version.</summary>
    /// <exception cref="ConversionException">The current version has no such method.</exception>
    internal AgentFunction Current()
    {
        var method = Function.Method;

        if (Function.Target is not null || CodeVersion.Of(method.Module.Assembly) is not { } version || version.Application.Current is not { } current || current == version)
        {
            return this;
        }

        try
        {
            return Of(current.Namesake(method));
        }
        catch (MissingMethodException missing)
        {
            throw new ConversionException(missing.Message, missing);
        }
    }

    /// <summary>The same use of another method.</summary>
    private protected abstract AgentFunction Of(MethodInfo method);

    private protected static AgentFunction Make(Type open, MethodInfo method, params Type[] arguments)
    {
        var constructor = open.MakeGenericType(arguments).GetConstructors()[0];
        return (AgentFunction)constructor.Invoke([method.CreateDelegate(constructor.GetParameters()[0].ParameterType)]);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var method = Function.Method;
        var owner = CodeVersion.Of(method.Module.Assembly) is { } version ? $" of {version}" : "";
        return method.Name.StartsWith('<') ? $"a lambda in {method.DeclaringType!.FullName!.Split('+')[0]}{owner}" : $"{method.DeclaringType}.{method.Name}{owner}";
    }

    internal sealed class Get<TState, T>(Func<TState, T> function) : AgentFunction<TState>
    {
        private protected override Delegate Function => function;

        internal override Answer<TState> Run(TState state)
        {
            var packed = Unboxed<T>.Pack(function(state), out var bits);
            return new(state, replies: true, packed, bits);
        }

        private protected override AgentFunction Of(MethodInfo method) => Make(typeof(Get<,>), method, method.GetParameters()[0].ParameterType, method.ReturnType);
    }

    internal sealed class Update<TState>(Func<TState, TState> function) : AgentFunction<TState>
    {
        private protected override Delegate Function => function;

        internal override Answer<TState> Run(TState state)
        {
            var packed = Unboxed<bool>.Pack(true, out var bits);
            return new(function(state), replies: true, packed, bits);
        }

        private protected override AgentFunction Of(MethodInfo method) => Make(typeof(Update<>), method, method.ReturnType);
    }

    internal sealed class GetAndUpdate<TState, T>(Func<TState, (T Read, TState State)> function) : AgentFunction<TState>
    {
        private protected override Delegate Function => function;

        internal override Answer<TState> Run(TState state)
        {
            var (read, next) = function(state);
            var packed = Unboxed<T>.Pack(read, out var bits);
            return new(next, replies: true, packed, bits);
        }

        private protected override AgentFunction Of(MethodInfo method) =>
            Make(typeof(GetAndUpdate<,>), method, method.GetParameters()[0].ParameterType, method.ReturnType.GetGenericArguments()[0]);
    }
}

/// <summary>A function for an agent whose state has this type.</summary>
internal abstract class AgentFunction<TState> : AgentFunction
{
    /// <summary>Runs it. Owner of the agent only.</summary>
    internal abstract Answer<TState> Run(TState state);
}
