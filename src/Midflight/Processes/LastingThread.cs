using System.Collections.Concurrent;

namespace Midflight;

/// <summary>A thread that may run application code, and so never ends.</summary>
/// <remarks>
/// A thread that had run such code and ended later would prevent its unload, or do harm after it: see <c>docs/decisions/0012-threads-that-end.md</c>. Code
/// that starts a thread for application code uses this class; the build refuses other threads.
/// </remarks>
internal static class LastingThread
{
    // The kernel keeps this many characters of a name.
    private const int ShownLength = 15;

    private static readonly ConcurrentDictionary<string, int> s_counts = new();

    /// <summary>Starts one.</summary>
    /// <param name="name">Its name. The first 15 characters distinguish threads of this kind from others.</param>
    /// <param name="turn">Called again and again. An exception in it ends the program.</param>
    /// <param name="stack">Bytes. Default: .NET's default.</param>
    internal static Thread Start(string name, Action turn, int stack = 0)
    {
#pragma warning disable RS0030 // This is where they come from.
        var thread = new Thread(Loop, stack) { IsBackground = true, Name = name };
#pragma warning restore RS0030
        thread.UnsafeStart();

        // After the start: a count that is too low only delays an unload.
        s_counts.AddOrUpdate(Shown(name), 1, static (_, count) => count + 1);
        return thread;

        void Loop()
        {
            while (true)
            {
                turn();
            }
        }
    }

    /// <summary>The number of such threads.</summary>
    /// <param name="shown">The part of the name that the kernel shows.</param>
    internal static int Count(string shown) => s_counts.GetValueOrDefault(shown);

    private static string Shown(string name) => name[..Math.Min(name.Length, ShownLength)];
}
