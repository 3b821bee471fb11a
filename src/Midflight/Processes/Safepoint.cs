using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>A place where long-running code can be inspected and killed.</summary>
/// <remarks>
/// <para>
/// OTP counts reductions and checks a process every few thousand. Here a node weaves a call of <see cref="Check"/> into hot code when it
/// loads it: at the start of a method that calls others, and at each iteration of a loop. While nobody asks, it reads one field.
/// </para>
/// <para>Code that is not hot has none. Call <see cref="Check"/> in its long loops, so that a process can be killed there too.</para>
/// </remarks>
public static class Safepoint
{
    // Whether any process should be killed, or asked where it is, right now.
    private static volatile bool s_isAsked;

    // How much of a thread's stack is known to be available from the last check on.
    private const int Known = 32 * 1024;

    // The lowest stack address of this thread down to which there is enough room, with its bits inverted: so initially it is the highest possible
    // address, until the first check.
    [ThreadStatic]
    private static nuint t_lowest;

    /// <summary>Ends the calling process if it was killed; otherwise does nothing. Outside processes it does nothing at all.</summary>
    /// <exception cref="ExitException">
    /// The process was killed. Code that catches it and continues gets it again at the next safepoint, and the process ends anyway when the
    /// callback is over. For a second it is not thrown again in the <c>finally</c> blocks and <c>catch</c> clauses on its way. It is never thrown where a static
    /// constructor, or a method called by native code, would have to let it pass.
    /// </exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Check()
    {
        if (s_isAsked)
        {
            Answer();
        }
    }

    /// <summary>Like <see cref="Check"/>, for the start of a method: it also checks for remaining stack. Endless recursion ends its process, not the node.</summary>
    /// <exception cref="ExitException">As for <see cref="Check"/>.</exception>
    /// <exception cref="InsufficientExecutionStackException">The stack of the thread is nearly used up.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Enter()
    {
        byte here;

        if ((nuint)(&here) < ~t_lowest)
        {
            Deeper((nuint)(&here));
        }

        if (s_isAsked)
        {
            Answer();
        }
    }

    /// <summary>Replaces hot code's calls of <see cref="Environment.Exit"/>: refused, because it would end the node with all its processes.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Exit(int exitCode) => throw new InvalidOperationException(
        $"Environment.Exit({exitCode}) is refused: it would end the node and all its processes. End a process with an exit reason, and the node with its `stop` command.");

    // The runtime knows where the stack ends, and keeps a larger reserve than what is assumed here. It is asked once for every 32 KB.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Deeper(nuint here)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new InsufficientExecutionStackException(
                "The stack is nearly used up: a method recurses without end, or data is nested too deeply. Look at the end of the stack trace, and use a loop there.");
        }

        t_lowest = ~(here - Known);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Answer()
    {
        if (Cell.Current is not { } cell)
        {
            return;
        }

        Runaways.Answer(cell);

        if (cell.IsKilled && !Reprieve.IsGranted(cell))
        {
            throw new ExitException(ExitReason.Killed);
        }
    }

    /// <summary>Makes all safepoints check, until it is reset.</summary>
    internal static bool IsAsked
    {
        get => s_isAsked;
        set => s_isAsked = value;
    }
}
