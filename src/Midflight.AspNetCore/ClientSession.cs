using Microsoft.AspNetCore.Http;

namespace Midflight.AspNetCore;

/// <summary>The rest of a request that its handler has admitted: a client that stays connected.</summary>
/// <remarks>
/// It runs after the handler's process, and has no frame of hot code below it. It keeps only names of the application, so that an
/// open connection keeps no version in memory.
/// </remarks>
internal abstract class ClientSession
{
    /// <summary>Connects the client and serves it until it is gone.</summary>
    internal abstract Task Run(HttpContext context, Node node, string application);
}
