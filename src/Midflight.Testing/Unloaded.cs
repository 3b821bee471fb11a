using System.Runtime.CompilerServices;

namespace Midflight.Testing;

/// <summary>Proves that an object was garbage-collected.</summary>
public static class Unloaded
{
    // A collectible context needs two or three collections; each can free the root of the next.
    private const int Cycles = 12;

    /// <summary>Collects garbage until the object is gone.</summary>
    /// <exception cref="InvalidOperationException">It is still there after 12 collections.</exception>
    /// <remarks>The calling method must not hold the object in a variable; create it in a separate method.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Assert(WeakReference reference)
    {
        ArgumentNullException.ThrowIfNull(reference);

        for (var i = 0; i < Cycles && reference.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        if (reference.IsAlive)
        {
            throw new InvalidOperationException(
                $"{reference.Target} is still in memory after {Cycles} collections. Look for a static field, an event or a variable of the test that holds it.");
        }
    }
}
