using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Midflight;

/// <summary>When a killed process does not get the kill yet: while it cleans up, and where others would suffer from it.</summary>
internal static class Reprieve
{
    // Milliseconds from one thrown kill to the next while it unwinds: for finally blocks and catch clauses.
    private const long ForTidying = 1000;

    // Milliseconds until the stack is examined again: that takes as long as thousands of safepoints.
    private const long ForOthers = 10;

    // The last answer on this thread: for which process, how long, and why.
    [ThreadStatic]
    private static long t_number;

    [ThreadStatic]
    private static long t_until;

    [ThreadStatic]
    private static bool t_isForOthers;

    /// <summary>Whether a killed process that this thread runs may continue for now.</summary>
    internal static bool IsGranted(Cell cell)
    {
        var now = Environment.TickCount64;

        if (cell.Number == t_number && now < t_until && (t_isForOthers || IsTidying))
        {
            return true;
        }

        t_isForOthers = HarmsOthers();
        (t_number, t_until) = (cell.Number, now + (t_isForOthers ? ForOthers : ForTidying));
        return t_isForOthers;
    }

    // Some exception has not left its last handler. Code that has swallowed the kill and continues is past that.
    private static bool IsTidying => Marshal.GetExceptionPointers() != 0;

    // Thrown out of a static constructor, it would break the type for everybody. Thrown out of a method called by native code, it would end the node.
    private static bool HarmsOthers() => Array.Exists(
        new StackTrace(fNeedFileInfo: false).GetFrames(),
        static frame => frame.GetMethod() is { } method
            && (method is ConstructorInfo { IsStatic: true } || method.IsDefined(typeof(UnmanagedCallersOnlyAttribute), inherit: false)));
}
