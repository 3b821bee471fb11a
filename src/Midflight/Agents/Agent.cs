namespace Midflight;

/// <summary>A process that holds a state for others, who read and change it with functions. This is Elixir's Agent.</summary>
/// <typeparam name="TState">The state. Use an immutable type: a value that Get returned must not change later.</typeparam>
/// <remarks>
/// <para>
/// The agent runs one function at a time, so keep them short. A function that throws ends the agent, as in Elixir. Only the module itself uses
/// these methods, and offers typed methods to others. So everything that an upgrade changes is in one place.
/// </para>
/// <para>
/// Across code versions: a named static method is looked up in the current version, like any call through Midflight. A lambda stays in the
/// version that created it. It runs there if both versions have the same type of state. Otherwise its caller fails, and the agent continues.
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
    /// <exception cref="CallFailedException">There is no such agent, it ended, or the wait timed out.</exception>
    /// <exception cref="ConversionException">The function is a lambda of a code version whose state has another type.</exception>
    protected static ValueTask<T> Get<T>(ServerRef agent, Func<TState, T> function, TimeSpan? timeout = null) =>
        Call<T>(agent, new AgentRequest(new AgentFunction.Get<TState, T>(function)), timeout);

    /// <summary>Changes the state with a function and waits until that is done.</summary>
    /// <inheritdoc cref="Get"/>
    protected static async ValueTask Update(ServerRef agent, Func<TState, TState> function, TimeSpan? timeout = null) =>
        await Call<bool>(agent, new AgentRequest(new AgentFunction.Update<TState>(function)), timeout);

    /// <summary>Reads and changes the state with one function, which returns the value read and the new state.</summary>
    /// <inheritdoc cref="Get"/>
    protected static ValueTask<T> GetAndUpdate<T>(ServerRef agent, Func<TState, (T Read, TState State)> function, TimeSpan? timeout = null) =>
        Call<T>(agent, new AgentRequest(new AgentFunction.GetAndUpdate<TState, T>(function)), timeout);

    /// <summary>Changes the state with a function, without waiting.</summary>
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
            // The function is the caller's, and so is the failure.
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

    // A state of a .NET type may hold objects of this version, which a function of another version would misread.
    private bool Knows(AgentFunction<TState> function) => Closed.Place<TState>.Is || function.Version is not { } version
        || CodeVersion.Of(GetType()) is not { } own || own == version || own.Application != version.Application;

    // The function may belong to any code version. The report of a later crash must not keep that version in memory.
    private static void Forget() => (Process.Here.Body as ServerBody)?.ForgetMessage();
}
