using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Midflight.Host;

/// <summary>The threads of this operating system process that may end before it does.</summary>
/// <remarks>
/// <para>
/// .NET 9 and 10 corrupt memory when a thread ends after code whose thread statics it has used was unloaded: the thread returns a slot by its number, and by then
/// the number belongs to other code. The BCL uses thread statics too, for example in <c>ArrayPool&lt;T&gt;.Shared</c>, which LINQ uses. So code is unloaded only while there is no such thread.
/// For the details, see <c>docs/decisions/0012-threads-that-end.md</c>.
/// </para>
/// <para>
/// They are recognized by the names that the kernel shows, and counted, since a thread without its own name has the name of the thread that started it.
/// </para>
/// </remarks>
internal static class EndingThreads
{
    // None of these ends before the process, or it never runs code of an application. Fifteen characters, as the kernel keeps them.
    private static readonly FrozenSet<string> s_lasting = FrozenSet.ToFrozenSet(
    [
        ".NET BGC", ".NET Server GC", ".NET Finalizer", ".NET Tiered Com", ".NET TP Gate", ".NET Timer", ".NET SigHandler", ".NET Sockets", ".NET File Watch",
        ".NET SynchManag", ".NET EventPipe", ".NET DebugPipe", ".NET Debugger", "Console logger ", "Midflight watch",
    ]);

    /// <summary>Whether the workers of the thread pool last as long as the process. With the node's settings they do.</summary>
    private static bool PoolLasts { get; } =
        (AppContext.GetData("System.Threading.ThreadPool.ThreadTimeoutMs")?.ToString() ?? Environment.GetEnvironmentVariable("DOTNET_ThreadPool_ThreadTimeoutMs")) == "-1";

    /// <summary>Their names; empty if there are none at the moment.</summary>
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

    // Null if it has just ended.
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
