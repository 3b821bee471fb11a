using Microsoft.AspNetCore.SignalR;

namespace Midflight.AspNetCore;

/// <summary>The clients of a hub, as its methods address them.</summary>
internal sealed class HubProxies(HubLifetimeManager<HotHub> manager, string caller) : IHubCallerClients
{
    ISingleClientProxy IHubCallerClients.Caller => new Single(manager, caller);

    IClientProxy IHubCallerClients<IClientProxy>.Caller => new Single(manager, caller);

    public IClientProxy Others => AllExcept([caller]);

    public IClientProxy All => new Many(manager.SendAllAsync);

    public IClientProxy OthersInGroup(string groupName) => GroupExcept(groupName, [caller]);

    public IClientProxy AllExcept(IReadOnlyList<string> excludedConnectionIds) => new Many((method, args, cancellation) => manager.SendAllExceptAsync(method, args, excludedConnectionIds, cancellation));

    ISingleClientProxy IHubCallerClients.Client(string connectionId) => new Single(manager, connectionId);

    IClientProxy IHubClients<IClientProxy>.Client(string connectionId) => new Single(manager, connectionId);

    public IClientProxy Clients(IReadOnlyList<string> connectionIds) => new Many((method, args, cancellation) => manager.SendConnectionsAsync(connectionIds, method, args, cancellation));

    public IClientProxy Group(string groupName) => new Many((method, args, cancellation) => manager.SendGroupAsync(groupName, method, args, cancellation));

    public IClientProxy Groups(IReadOnlyList<string> groupNames) => new Many((method, args, cancellation) => manager.SendGroupsAsync(groupNames, method, args, cancellation));

    public IClientProxy GroupExcept(string groupName, IReadOnlyList<string> excludedConnectionIds) =>
        new Many((method, args, cancellation) => manager.SendGroupExceptAsync(groupName, method, args, excludedConnectionIds, cancellation));

    public IClientProxy User(string userId) => new Many((method, args, cancellation) => manager.SendUserAsync(userId, method, args, cancellation));

    public IClientProxy Users(IReadOnlyList<string> userIds) => new Many((method, args, cancellation) => manager.SendUsersAsync(userIds, method, args, cancellation));

    private sealed class Many(Func<string, object?[], CancellationToken, Task> send) : IClientProxy
    {
        public Task SendCoreAsync(string method, object?[] args, CancellationToken cancellationToken = default) => send(method, args, cancellationToken);
    }

    private sealed class Single(HubLifetimeManager<HotHub> manager, string id) : ISingleClientProxy
    {
        public Task SendCoreAsync(string method, object?[] args, CancellationToken cancellationToken = default) => manager.SendConnectionAsync(id, method, args, cancellationToken);

        public Task<T> InvokeCoreAsync<T>(string method, object?[] args, CancellationToken cancellationToken) => manager.InvokeConnectionAsync<T>(id, method, args, cancellationToken);
    }
}

/// <summary>The groups of a hub.</summary>
internal sealed class HubGroups(HubLifetimeManager<HotHub> manager) : IGroupManager
{
    public Task AddToGroupAsync(string connectionId, string groupName, CancellationToken cancellationToken = default) => manager.AddToGroupAsync(connectionId, groupName, cancellationToken);

    public Task RemoveFromGroupAsync(string connectionId, string groupName, CancellationToken cancellationToken = default) => manager.RemoveFromGroupAsync(connectionId, groupName, cancellationToken);
}

/// <summary>What a method of a hub knows about its caller.</summary>
internal sealed class HubCaller(HubConnectionContext connection) : HubCallerContext
{
    public override string ConnectionId => connection.ConnectionId;

    public override string? UserIdentifier => connection.UserIdentifier;

    public override System.Security.Claims.ClaimsPrincipal? User => connection.User;

    public override IDictionary<object, object?> Items => connection.Items;

    public override Microsoft.AspNetCore.Http.Features.IFeatureCollection Features => connection.Features;

    public override CancellationToken ConnectionAborted => connection.ConnectionAborted;

    public override void Abort() => connection.Abort();
}
