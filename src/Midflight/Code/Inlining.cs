using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>What of Midflight is compiled into hot code that calls it.</summary>
internal static class Inlining
{
    /// <summary>
    /// For what hot code calls only now and then. .NET compiles code that can be unloaded with all its optimization at the first
    /// call, and inlines what it calls as far down as that seems to pay: three milliseconds for the constructor of a server, most of
    /// it reflection of .NET's, and for each of them anew. What is called is compiled ahead of time, once.
    /// </summary>
    internal const MethodImplOptions NotIntoHotCode = MethodImplOptions.NoInlining;
}
