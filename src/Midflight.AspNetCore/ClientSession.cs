using Microsoft.AspNetCore.Http;

namespace Midflight.AspNetCore;

/// <summary>What becomes of a request that its handler has admitted: a client that stays connected.</summary>
/// <remarks>
/// It runs behind the handler's process, and has no frame of hot code below it. What it keeps of the application are names, so that an
/// open connection keeps no version in memory.
/// </remarks>
internal abstract class ClientSession
{
    /// <summary>Connects the client and serves it until it is gone.</summary>
    internal abstract Task Run(HttpContext context, Node node, string application);
}
