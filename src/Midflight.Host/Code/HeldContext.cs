using System.Collections.Immutable;
using System.Runtime.Loader;

namespace Midflight.Host;

/// <summary>A load context that is no longer needed, held until it can be unloaded safely: see <see cref="EndingThreads"/>.</summary>
internal sealed class HeldContext
{
    // A thread that is starting may be counted before it has its name, so a single look can be wrong.
    private const int Looks = 2;

    private static readonly Lock s_lock = new();

    // Both are guarded by the lock.
    private static ImmutableArray<HeldContext> s_held = [];
    private static int s_clean;

    private AssemblyLoadContext? _context;

    private HeldContext(AssemblyLoadContext context) => _context = context;

    /// <summary>Unloads at once, whatever threads exist: <c>Midflight.UnloadsAtOnce</c> in <c>runtimeconfig.json</c>. For tests. Default: off.</summary>
    internal static bool IsAtOnce { get; set; } = AppContext.TryGetSwitch("Midflight.UnloadsAtOnce", out var on) && on;

    /// <summary>Lists the threads to wait for. Default: <see cref="EndingThreads.Alive"/>.</summary>
    internal static Func<ImmutableArray<string>> Threads { get; set; } = EndingThreads.Alive;

    /// <summary>The threads being waited for; empty if there are none, or if no context is held.</summary>
    internal static ImmutableArray<string> Awaited { get; private set; } = [];

    /// <summary>Whether it has yet to be unloaded.</summary>
    internal bool IsHeld => Volatile.Read(ref _context) is not null;

    /// <summary>Takes a context, to unload it once <see cref="Sweep"/> finds that it is safe.</summary>
    internal static HeldContext Take(AssemblyLoadContext context)
    {
        var held = new HeldContext(context);

        if (IsAtOnce)
        {
            held.Unload();
            return held;
        }

        lock (s_lock)
        {
            s_held = s_held.Add(held);
        }

        return held;
    }

    /// <summary>Looks at the threads, and unloads the held contexts once two looks in a row have found no thread that may end.</summary>
    /// <remarks>Leave a few milliseconds between two looks.</remarks>
    internal static void Sweep()
    {
        lock (s_lock)
        {
            Awaited = s_held.IsEmpty ? [] : Threads();
            s_clean = Awaited.IsEmpty ? s_clean + 1 : 0;

            if (s_clean < Looks)
            {
                return;
            }

            foreach (var held in s_held)
            {
                held.Unload();
            }

            s_held = [];
        }
    }

    private void Unload()
    {
        _context!.Unload();
        Volatile.Write(ref _context, null);
    }
}
