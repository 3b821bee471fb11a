using Microsoft.AspNetCore.SignalR;

namespace Midflight.AspNetCore;

/// <summary>Represents hubs of hot code wherever SignalR distinguishes hubs by a type.</summary>
internal sealed class HotHub : Hub;
