using Microsoft.AspNetCore.SignalR;

namespace Midflight.AspNetCore;

/// <summary>Stands for hubs of hot code wherever SignalR wants a type to tell hubs apart by.</summary>
internal sealed class HotHub : Hub;
