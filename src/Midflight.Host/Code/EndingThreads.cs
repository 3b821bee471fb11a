using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Midflight.Host;

/// <summary>The threads of this process that may end before it does.</summary>
/// <remarks>
/// <para>
/// .NET 9 and 10 damage memory where a thread ends after code was unloaded whose thread statics it has used: the thread gives back a slot by its number, and by then the
/// number is one of other code. Thread statics are in the BCL too, in <c>ArrayPool&lt;T&gt;.Shared</c> for one, which LINQ uses. So code is unloaded while there is no such thread.
/// The record is <c>docs/decisions/0012-threads-that-end.md</c>.
/// </para>
/// <para>
/// Known by the names that the kernel shows, and counted, since a thread without a name of its own goes by that of the one which started it.
/// </para>
/// </remarks>
internal static class EndingThreads
{
    // None of these ends before the process, or else it never runs code of an application. Fifteen characters, as the kernel keeps them.
    private static readonly FrozenSet<string> s_lasting = FrozenSet.ToFrozenSet(
    [
        ".NET BGC", ".NET Server GC", ".NET Finalizer", ".NET Tiered Com", ".NET TP Gate", ".NET Timer", ".NET SigHandler", ".NET Sockets", ".NET File Watch",
        ".NET SynchManag", ".NET EventPipe", ".NET DebugPipe", ".NET Debugger", "Console logger ", "Midflight watch",
    ]);

    /// <summary>Whether the workers of the thread pool last: they do where the node's settings are used.</summary>
    private static bool PoolLasts { get; } =
        (AppContext.GetData("System.Threading.ThreadPool.ThreadTimeoutMs")?.ToString() ?? Environment.GetEnvironmentVariable("DOTNET_ThreadPool_ThreadTimeoutMs")) == "-1";

    /// <summary>Their names; empty where there is none just now.</summary>
    internal static ImmutableArray<string> Alive() => OperatingSystem.IsLinux()
        ? [.. Names().CountBy(name => name).Where(thread => thread.Value > Lasting(thread.Key)).Select(thread => thread.Key).Order(StringComparer.Ordinal)]
        : ["those of this system, as .NET does not say which of them will end"];

    private static int Lasting(string name) => name switch
    {
        ".NET TP Worker" => PoolLasts ? ThreadPool.ThreadCount : 0,
        _ => s_lasting.Contains(name) ? int.MaxValue : LastingThread.Count(name),
    };

    private static IEnumerable<string> Names()
    {
        var main = Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture);

        foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            if (Path.GetFileName(thread) != main && Name(thread) is { } name)
            {
                yield return name;
            }
        }
    }

    // Null where it has just ended.
    private static string? Name(string thread)
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread, "comm")).TrimEnd('\n');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
