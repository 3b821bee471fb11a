using System.Collections.Immutable;

namespace Midflight;

/// <summary>Distributes events to its handlers, which come and go while it runs. This is OTP's gen_event manager.</summary>
/// <remarks>
/// <para>Started like any server: <c>GenServer.StartLink&lt;EventManager&gt;(name: "alarms")</c>, or <c>Child.Of&lt;EventManager&gt;() with { Name = "alarms" }</c>.</para>
/// <para>
/// Each handler gets the events in the order in which the manager got them. Handlers work in parallel, each in its own process. As in OTP, the
/// manager does not restart a failed handler: a process that added it supervised gets a <see cref="HandlerRemoved"/> and decides.
/// </para>
/// <para>While the manager adds, deletes or swaps a handler, it waits for that handler's Init or end. So a handler must not wait for such a request itself.</para>
/// </remarks>
public sealed partial class EventManager : GenServer<ImmutableList<HandlerEntry>>
{
    /// <summary>Adds a handler.</summary>
    /// <param name="manager">Pid or registered name.</param>
    /// <param name="argument">Passed to its Init.</param>
    /// <param name="id">Distinguishes handlers of the same module. Default: none.</param>
    /// <param name="supervised">
    /// Whether the handler is removed when the calling process ends, and the calling process gets a <see cref="HandlerRemoved"/> when the handler ends: OTP's
    /// <c>add_sup_handler</c>. Default: no.
    /// </param>
    /// <typeparam name="THandler">The module; its current version is started.</typeparam>
    /// <returns>The handler's process.</returns>
    /// <exception cref="StartFailedException">Its Init threw, refused or returned Ignore, or there is already such a handler.</exception>
    public static ValueTask<Pid> AddHandler<THandler>(ServerRef manager, object? argument = null, string? id = null, bool supervised = false)
        where THandler : Behaviour => AddHandler(typeof(THandler), manager, argument, id, supervised);

    /// <inheritdoc cref="AddHandler{THandler}"/>
    /// <param name="module">The module's type, in any version.</param>
    /// <param name="manager">Pid or registered name.</param>
    /// <param name="argument">Passed to its Init.</param>
    /// <param name="id">Distinguishes handlers of the same module. Default: none.</param>
    /// <param name="supervised">As above.</param>
    public static async ValueTask<Pid> AddHandler(Type module, ServerRef manager, object? argument = null, string? id = null, bool supervised = false) =>
        Added(await Call<object>(manager, new Add(Handlers.Checked(module), argument, id, supervised ? Process.Self : default), Timeout.InfiniteTimeSpan));

    /// <summary>Deletes a handler, after its Terminate.</summary>
    /// <returns>False if there is no such handler.</returns>
    public static ValueTask<bool> DeleteHandler<THandler>(ServerRef manager, string? id = null)
        where THandler : Behaviour => DeleteHandler(typeof(THandler), manager, id);

    /// <inheritdoc cref="DeleteHandler{THandler}"/>
    public static ValueTask<bool> DeleteHandler(Type module, ServerRef manager, string? id = null) =>
        Call<bool>(manager, new Delete(Handlers.Checked(module), id), Timeout.InfiniteTimeSpan);

    /// <summary>Replaces a handler with another one, which gets its hand-over. No event is missed, and none is handled by both.</summary>
    /// <param name="manager">Pid or registered name.</param>
    /// <param name="old">The module of the old handler.</param>
    /// <param name="oldId">Its id.</param>
    /// <param name="next">The module of the new handler. Its Init gets a <see cref="SwappedIn"/>. If there is no old handler, the new one is just added.</param>
    /// <param name="argument">Part of the <see cref="SwappedIn"/>.</param>
    /// <param name="id">The new handler's id. Default: none.</param>
    /// <returns>The new handler's process. It keeps the old one's supervising process.</returns>
    /// <exception cref="StartFailedException">The new handler did not start. The old one is gone, as in OTP.</exception>
    public static async ValueTask<Pid> SwapHandler(ServerRef manager, Type old, string? oldId, Type next, object? argument = null, string? id = null) =>
        Added(await Call<object>(manager, new Swap(Handlers.Checked(old), oldId, Handlers.Checked(next), argument, id), Timeout.InfiniteTimeSpan));

    /// <summary>The handlers, the most recently added first.</summary>
    public static ValueTask<ImmutableList<HandlerEntry>> WhichHandlers(ServerRef manager) =>
        Call<ImmutableList<HandlerEntry>>(manager, new Which());

    /// <summary>Sends an event to all handlers, without waiting.</summary>
    public static void Notify(ServerRef manager, object what) => Cast(manager, what);

    /// <summary>Sends an event to all handlers and waits until they have handled it. A handler that ends meanwhile is not waited for.</summary>
    /// <exception cref="CallFailedException">There is no such manager, it ended, or the wait timed out.</exception>
    public static async ValueTask SyncNotify(ServerRef manager, object what, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(what);
        await Call<bool>(manager, new Sync(what), timeout);
    }

    /// <summary>Calls one handler and waits for its reply.</summary>
    /// <exception cref="CallFailedException">There is no such manager or handler, it ended before replying, or the wait timed out.</exception>
    /// <remarks>Handled after the events that the calling process has sent before.</remarks>
    public static ValueTask<TReply> Call<THandler, TReply>(ServerRef manager, object request, string? id = null, TimeSpan? timeout = null)
        where THandler : Behaviour => Call<TReply>(typeof(THandler), manager, request, id, timeout);

    /// <inheritdoc cref="Call{THandler, TReply}"/>
    public static async ValueTask<TReply> Call<TReply>(Type module, ServerRef manager, object request, string? id = null, TimeSpan? timeout = null)
    {
        var handler = await Call<Pid>(manager, new Find(Handlers.Checked(module), id), timeout);
        return await GenServer.Call<TReply>(handler, request, timeout);
    }

    private static Pid Added(object answer) => answer switch
    {
        Pid pid => pid,
        StartFailedException { Reason: null } refused => throw new StartFailedException(refused.Message),
        StartFailedException refused => throw new StartFailedException(refused.Message, refused.Reason),
        _ => throw new InvalidOperationException($"No way to read {answer}."),
    };

    // Requests

    private sealed record Add(ModuleName Module, object? Carried, string? Id, Pid Supervisor) : Carrier(Carried);

    private sealed record Delete(ModuleName Module, string? Id);

    private sealed record Swap(ModuleName Old, string? OldId, ModuleName Next, object? Carried, string? Id) : Carrier(Carried);

    private sealed record Find(ModuleName Module, string? Id);

    private sealed record Sync(object? Carried) : Carrier(Carried);

    private sealed record Which;
}
