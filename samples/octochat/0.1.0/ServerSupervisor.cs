using Midflight;

namespace Octochat;

/// <summary>Has a child for each connection.</summary>
public sealed class ServerSupervisor : DynamicSupervisor;
