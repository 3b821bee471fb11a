using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>Controls which parts of Midflight are compiled into hot code that calls them.</summary>
internal static class Inlining
{
    /// <summary>
    /// For code that hot code calls only occasionally. .NET compiles unloadable code fully optimised at its first
    /// call, and inlines whatever seems to pay: three milliseconds for the constructor of a server, most of
    /// it .NET's reflection, and again for each server. Code that is called instead is compiled ahead of time, once.
    /// </summary>
    internal const MethodImplOptions NotIntoHotCode = MethodImplOptions.NoInlining;
}
