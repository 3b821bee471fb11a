using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Midflight;

/// <summary>Where a process that was killed does not get the kill yet: while it tidies up, and where others would suffer from it.</summary>
internal static class Reprieve
{
    // Milliseconds from one kill that is thrown to the next, while it is on its way: for finally blocks and catch clauses.
    private const long ForTidying = 1000;

    // Milliseconds until the stack is looked at again: a look takes as long as thousands of safepoints.
    private const long ForOthers = 10;

    // What this thread was told last: about which process, for how long, and why.
    [ThreadStatic]
    private static long t_number;

    [ThreadStatic]
    private static long t_until;

    [ThreadStatic]
    private static bool t_isForOthers;

    /// <summary>Whether a process that was killed, and that this thread runs, goes on for now.</summary>
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

    // Some exception has not come to the end of its last handler. Whoever has swallowed the kill and goes on is past that.
    private static bool IsTidying => Marshal.GetExceptionPointers() != 0;

    // Out of a static constructor it would spoil the type for all; out of what native code has called it would end the node.
    private static bool HarmsOthers() => Array.Exists(
        new StackTrace(fNeedFileInfo: false).GetFrames(),
        static frame => frame.GetMethod() is { } method
            && (method is ConstructorInfo { IsStatic: true } || method.IsDefined(typeof(UnmanagedCallersOnlyAttribute), inherit: false)));
}
