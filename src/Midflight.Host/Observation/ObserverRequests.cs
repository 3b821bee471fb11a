using System.Globalization;
using Midflight.Host.Control;
using Midflight.Host.Control.Requests;
using Midflight.Releases.Packages;

namespace Midflight.Host.Observation;

/// <summary>What a node tells to whoever looks at it: processes, trees, tables, connections, figures, its log. Nothing of it waits for a process for long.</summary>
internal sealed class ObserverRequests(Node node, ReleaseLayout layout, string name)
{
    // How long a process may take to tell of itself: one that is at work is asked when it is done.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    // Of the audit log, from its end: so many lines fit in.
    private const int HistoryBytes = 256 * 1024;

    internal ControlServer Register(ControlServer server) => server
        .Handle<FiguresRequest, FiguresReply>((_, _, _) => new(Figures()))
        .Handle<ProcessRequest, ProcessReply>((request, _, cancellation) => OneProcess.Ask(Find(request.Pid), s_patience, cancellation))
        .Handle<TraceRequest, TraceReply>(async (request, _, _) =>
        {
            await Sys.Trace(Find(request.Pid).Pid, request.On, s_patience);
            return new(request.On);
        })
        .Handle<TreeRequest, TreeReply>((request, _, _) => new(new ProcessTree(node, Clamp(request.Width)).Look(
            request.Root is { } root ? Find(root) : null, Math.Clamp(request.Depth, 1, 10), Math.Max(0, request.Skip))))
        .Handle<TablesRequest, TablesReply>((request, _, _) => new(Tables(Clamp(request.Count))))
        .Handle<SocketsRequest, SocketsReply>((request, _, _) => new(Sockets(Clamp(request.Count))))
        .Handle<HistoryRequest, HistoryReply>((request, _, _) => new(new HistoryReply([.. History().Reverse().Take(Clamp(request.Count))])))
        .Handle<LogRequest, LogReply>((request, _, _) => new(Log(request.After)));

    // Of all that has a length: one answer is one page.
    internal static int Clamp(int count) => Math.Clamp(count, 1, 1000);

    private FiguresReply Figures()
    {
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        return new(
            node.Time.GetTimestamp() / (double)node.Time.TimestampFrequency,
            node.ProcessCount,
            node.Processes.Started,
            node.Processes.Reductions,
            node.Processes.All().Sum(cell => (long)cell.QueueLength()),
            Environment.WorkingSet,
            GC.GetTotalMemory(forceFullCollection: false),
            GC.GetTotalPauseDuration().TotalSeconds,
            self.TotalProcessorTime.TotalSeconds,
            node.Sockets.Count);
    }

    private Cell Find(string pid) =>
        long.TryParse(pid.AsSpan().Trim("<>"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && node.Processes.Find(number) is { } cell ? cell
        : throw new ControlRefusedException($"There is no process {pid}; it may have ended. Ask for one that `processes` lists.");

    private TablesReply Tables(int count)
    {
        var all = node.Stores.All.OfType<TableStore>().Select(TableDescription.Of).OfType<TableDescription>().ToList();
        return new(all.Count,
        [
            .. all.OrderByDescending(table => table.Count).Take(count).Select(table => new TableRow(
                table.Name, table.Owner.ToString(), table.Kind.ToString(), table.Access.ToString(), table.Count, table.Key?.ToString(), table.Value?.ToString())),
        ]);
    }

    private SocketsReply Sockets(int count)
    {
        var all = node.Sockets.Keys.ToList();
        return new(all.Count,
        [
            .. all.Select(socket => (Socket: socket, socket.Unsent)).OrderByDescending(socket => socket.Unsent).Take(count).Select(one => new SocketRow(
                one.Socket.Kind, one.Socket.Remote, one.Socket.OwnerCell?.Pid.ToString(), one.Socket.OwnerCell?.Body?.ModuleName, one.Unsent)),
        ]);
    }

    private LogReply Log(long after)
    {
        var (last, lines) = node.Log.After(after);
        return new(last, [.. lines.Select(line => new LogRow(line.At, line.Level.ToString(), line.Event, line.Text))]);
    }

    // A line that is cut in two by where the reading begins is left out.
    private string[] History()
    {
        var file = layout.AuditLog(name);

        if (!File.Exists(file))
        {
            return [];
        }

        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var isCut = stream.Length > HistoryBytes;
        stream.Position = isCut ? stream.Length - HistoryBytes : 0;
        var lines = new StreamReader(stream).ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return isCut ? lines[1..] : lines;
    }
}
