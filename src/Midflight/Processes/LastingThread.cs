using System.Collections.Concurrent;

namespace Midflight;

/// <summary>A thread that may run code of applications, and so never ends.</summary>
/// <remarks>
/// A thread that had run code and ended later would be in the way of its unload, or do harm after it: see <c>docs/decisions/0012-threads-that-end.md</c>. Whatever
/// starts a thread for code of applications starts one of these; the build refuses others.
/// </remarks>
internal static class LastingThread
{
    // The kernel keeps so much of a name.
    private const int ShownLength = 15;

    private static readonly ConcurrentDictionary<string, int> s_counts = new();

    /// <summary>Starts one.</summary>
    /// <param name="name">Its name. The first 15 characters tell threads of this kind from others.</param>
    /// <param name="turn">Run again and again. What it throws ends the program.</param>
    /// <param name="stack">Bytes. Default: what .NET gives.</param>
    internal static Thread Start(string name, Action turn, int stack = 0)
    {
#pragma warning disable RS0030 // This is where they come from.
        var thread = new Thread(Loop, stack) { IsBackground = true, Name = name };
#pragma warning restore RS0030
        thread.UnsafeStart();

        // Behind the start: a count that is too low only puts an unload off.
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

    /// <summary>How many there are.</summary>
    /// <param name="shown">What the kernel shows of the name.</param>
    internal static int Count(string shown) => s_counts.GetValueOrDefault(shown);

    private static string Shown(string name) => name[..Math.Min(name.Length, ShownLength)];
}
