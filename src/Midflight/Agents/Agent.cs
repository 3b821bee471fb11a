namespace Midflight;

/// <summary>A process that holds a state for others, who read and change it with functions. Elixir's Agent.</summary>
/// <typeparam name="TState">The state. An immutable type is best: what Get hands out must not change under the agent's hands.</typeparam>
/// <remarks>
/// <para>
/// A function runs in the agent, one after the other; so it should be short, and what it throws ends the agent, as in Elixir. The functions are
/// for the module itself, which offers typed methods to others: what an upgrade changes is then in one place.
/// </para>
/// <para>
/// Across code versions: a named static method is looked up in the current version, as by any call through Midflight. A lambda stays in the
/// version that made it; it runs there as long as the state is of a type that both versions know, else its caller fails, and the agent does not.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// public sealed class Hits : Agent&lt;int&gt;
/// {
///     public static ValueTask&lt;int&gt; Count(ServerRef hits) => Get(hits, count => count);
///     public static ValueTask Add(ServerRef hits, int more) => Update(hits, count => count + more);
///     protected override Started&lt;int&gt; Init(object? argument) => 0;
/// }
/// </code>
/// </example>
public abstract class Agent<TState> : GenServer<TState>
{
    /// <summary>Reads the state with a function.</summary>
    /// <param name="agent">Pid or registered name.</param>
    /// <param name="function">Given the state; runs in the agent.</param>
    /// <param name="timeout">Longest wait. Default: 5 s.</param>
    /// <returns>What the function returns.</returns>
    /// <exception cref="CallFailedException">There is no such agent, it ended, or the wait ran out.</exception>
    /// <exception cref="ConversionException">The function is a lambda of a code version whose state is of another type.</exception>
    protected static ValueTask<T> Get<T>(ServerRef agent, Func<TState, T> function, TimeSpan? timeout = null) =>
        Call<T>(agent, new AgentRequest(new AgentFunction.Get<TState, T>(function)), timeout);

    /// <summary>Changes the state with a function, and waits until that is done.</summary>
    /// <inheritdoc cref="Get"/>
    protected static async ValueTask Update(ServerRef agent, Func<TState, TState> function, TimeSpan? timeout = null) =>
        await Call<bool>(agent, new AgentRequest(new AgentFunction.Update<TState>(function)), timeout);

    /// <summary>Reads and changes the state with one function, which returns what is read and the new state.</summary>
    /// <inheritdoc cref="Get"/>
    protected static ValueTask<T> GetAndUpdate<T>(ServerRef agent, Func<TState, (T Read, TState State)> function, TimeSpan? timeout = null) =>
        Call<T>(agent, new AgentRequest(new AgentFunction.GetAndUpdate<TState, T>(function)), timeout);

    /// <summary>Changes the state with a function, and does not wait.</summary>
    protected static void Cast(ServerRef agent, Func<TState, TState> function) =>
        GenServer.Cast(agent, new AgentRequest(new AgentFunction.Update<TState>(function)));

    /// <inheritdoc/>
    protected sealed override Answer<TState> HandleCall(object request, TState state)
    {
        if (request is not AgentRequest asked)
        {
            return base.HandleCall(request, state);
        }

        try
        {
            var answer = Fitting(asked.Function).Run(state);
            Forget();
            return answer;
        }
        catch (ConversionException misfit)
        {
            // It is the caller's function, so the caller's failure.
            From.Call!.Fail(misfit);
            Forget();
            return NoReply(state);
        }
    }

    /// <inheritdoc/>
    protected sealed override Answer<TState> HandleCast(object message, TState state)
    {
        if (message is not AgentRequest asked)
        {
            return base.HandleCast(message, state);
        }

        try
        {
            var next = Fitting(asked.Function).Run(state).State;
            Forget();
            return NoReply(next);
        }
        catch (ConversionException misfit)
        {
            AgentLog.NotRun(Process.Here.Node.Logger, Process.Self, GetType().FullName!, misfit.Message);
            Forget();
            return NoReply(state);
        }
    }

    private AgentFunction<TState> Fitting(AgentFunction function) => function.Current() is AgentFunction<TState> fitting && Knows(fitting)
        ? fitting
        : throw new ConversionException(
            $"{GetType().FullName} holds its state as {typeof(TState)} of {CodeVersion.Of(GetType())?.ToString() ?? "code that is not hot"}, but {function} expects another one. "
            + "Pass a named static method, which is looked up in the current version, or call from current code.");

    // A state of a type of .NET may hold objects of this version, which a function of another one takes for something else.
    private bool Knows(AgentFunction<TState> function) => Closed.Place<TState>.Is || function.Version is not { } version
        || CodeVersion.Of(GetType()) is not { } own || own == version || own.Application != version.Application;

    // The function may be of any code version, which the report of a later crash is not to keep in memory.
    private static void Forget() => (Process.Here.Body as ServerBody)?.ForgetMessage();
}
