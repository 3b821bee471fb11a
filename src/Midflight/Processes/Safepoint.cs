using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>Where code that runs and runs can be seen and killed.</summary>
/// <remarks>
/// <para>
/// OTP counts reductions and looks at a process every few thousand. Here a node weaves a call of <see cref="Check"/> into hot code when it
/// loads it: where a method that calls others begins, and at each turn of a loop. While nobody asks, it is one look at a field.
/// </para>
/// <para>Code that is not hot has none. Call <see cref="Check"/> in its long loops, so that a process there can be killed too.</para>
/// </remarks>
public static class Safepoint
{
    // Whether any process is to be killed, or asked where it is, right now.
    private static volatile bool s_isAsked;

    // How much of a thread's stack is known to be there, from where it was looked at last.
    private const int Known = 32 * 1024;

    // The lowest address of the stack of this thread down to which all is well, its bits turned round: so that it is the highest address there
    // is until somebody has looked.
    [ThreadStatic]
    private static nuint t_lowest;

    /// <summary>Ends the calling process if it was killed; else does nothing. Outside of processes it does nothing at all.</summary>
    /// <exception cref="ExitException">
    /// The process was killed. Whoever catches it and goes on gets it again at the next safepoint, and when the callback is over the process
    /// ends anyway. Not thrown in <c>finally</c> blocks and <c>catch</c> clauses that it has led to, for a second; and not where a static
    /// constructor, or a method that native code has called, would have to let it pass.
    /// </exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Check()
    {
        if (s_isAsked)
        {
            Answer();
        }
    }

    /// <summary>As <see cref="Check"/>, where a method begins: it looks as well whether there is stack left. Recursion without end ends its process, and not the node.</summary>
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

    /// <summary>What hot code calls that calls <see cref="Environment.Exit"/>: refused, as it would end the node with all of its processes.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Exit(int exitCode) => throw new InvalidOperationException(
        $"Environment.Exit({exitCode}) is refused: it would end the node and all its processes. End a process with an exit reason, and the node with its `stop` command.");

    // The runtime knows where the stack ends, and leaves more than what is taken as known here. It is asked once for every 32 KB.
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

    /// <summary>Lets all safepoints look, until it is taken back.</summary>
    internal static bool IsAsked
    {
        get => s_isAsked;
        set => s_isAsked = value;
    }
}
