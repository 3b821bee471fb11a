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
