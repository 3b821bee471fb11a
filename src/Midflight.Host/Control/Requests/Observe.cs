using System.Collections.Immutable;

namespace Midflight.Host.Control.Requests;

/// <summary>Asks for the figures of the node that change from moment to moment.</summary>
internal sealed record FiguresRequest : IControlRequest<FiguresReply>
{
    public static string Method => "figures";
}

/// <param name="At">Seconds of the node's clock, from wherever: two of them say how long it was between.</param>
/// <param name="Processes">Live processes.</param>
/// <param name="Started">Processes started since the node began.</param>
/// <param name="Reductions">Messages handled and signals taken since then.</param>
/// <param name="Queued">Messages that wait, in all mailboxes.</param>
/// <param name="MemoryBytes">Resident memory.</param>
/// <param name="HeapBytes">What the collector has in use.</param>
/// <param name="PauseSeconds">How long collections have kept all waiting.</param>
/// <param name="CpuSeconds">Processor time used.</param>
/// <param name="Sockets">Connections that are open.</param>
internal sealed record FiguresReply(
    double At, long Processes, long Started, long Reductions, long Queued, long MemoryBytes, long HeapBytes, double PauseSeconds, double CpuSeconds, int Sockets);

/// <summary>Asks for one process.</summary>
/// <param name="Pid">Its number, with or without the angle brackets.</param>
internal sealed record ProcessRequest(string Pid) : IControlRequest<ProcessReply>
{
    public static string Method => "process";
}

/// <param name="Row">What the list has of it.</param>
/// <param name="Label">What it calls itself beside its module.</param>
/// <param name="TrapsExits">Whether exit signals are messages to it.</param>
/// <param name="Parent">The process that started it, linked to itself.</param>
/// <param name="Links">Processes that it is linked to.</param>
/// <param name="Monitors">Processes that it monitors.</param>
/// <param name="MonitoredBy">Processes that monitor it.</param>
/// <param name="Debug">What is switched on for it: <c>trace</c>, say.</param>
/// <param name="State">Its state; null for a process function.</param>
/// <param name="Mailbox">The oldest messages that wait.</param>
internal sealed record ProcessReply(
    ProcessRow Row,
    string? Label,
    bool TrapsExits,
    string? Parent,
    ImmutableArray<string> Links,
    ImmutableArray<string> Monitors,
    ImmutableArray<string> MonitoredBy,
    ImmutableArray<string> Debug,
    ShownValue? State,
    ImmutableArray<ShownValue> Mailbox);

/// <summary>A value and what is in it, as far as it is shown.</summary>
/// <param name="Name">Of the member; empty for what is in none.</param>
/// <param name="Type">Its type.</param>
/// <param name="Text">The value in a line.</param>
/// <param name="Members">What is in it.</param>
internal sealed record ShownValue(string Name, string Type, string Text, ImmutableArray<ShownValue> Members);

/// <summary>Writes what a process does to the node's log, or ends that.</summary>
/// <param name="Pid">Which.</param>
/// <param name="On">Whether to begin.</param>
internal sealed record TraceRequest(string Pid, bool On) : IControlRequest<TraceReply>
{
    public static string Method => "trace";

    public static bool Changes => true;
}

/// <param name="On">Whether it does now.</param>
internal sealed record TraceReply(bool On);

/// <summary>Asks who has started whom.</summary>
/// <param name="Root">Whose children; null for the processes that nobody alive has started linked to itself.</param>
/// <param name="Depth">How many levels.</param>
/// <param name="Width">How many children of each.</param>
/// <param name="Skip">How many of the first level are left out.</param>
internal sealed record TreeRequest(string? Root = null, int Depth = 3, int Width = 20, int Skip = 0) : IControlRequest<TreeReply>
{
    public static string Method => "tree";
}

/// <param name="Ancestors">The root with those above it, the nearest first.</param>
/// <param name="Total">How many the first level has.</param>
/// <param name="Children">Those of it that were asked for.</param>
internal sealed record TreeReply(ImmutableArray<TreeEntry> Ancestors, int Total, ImmutableArray<TreeEntry> Children);

/// <param name="Pid">The process.</param>
/// <param name="Name">Its registered name, its label, or null.</param>
/// <param name="Module">Its module.</param>
/// <param name="Version">The code version that it runs.</param>
/// <param name="Total">How many children it has.</param>
/// <param name="Children">Those that are shown.</param>
internal sealed record TreeEntry(string Pid, string? Name, string Module, string? Version, int Total, ImmutableArray<TreeEntry> Children);

/// <summary>Asks for the tables of the node.</summary>
/// <param name="Count">How many at most.</param>
internal sealed record TablesRequest(int Count = 500) : IControlRequest<TablesReply>
{
    public static string Method => "tables";
}

/// <param name="Total">How many there are.</param>
/// <param name="Tables">The largest of them.</param>
internal sealed record TablesReply(int Total, ImmutableArray<TableRow> Tables);

/// <inheritdoc cref="TableDescription"/>
internal sealed record TableRow(string? Name, string Owner, string Kind, string Access, int Count, string? Key, string? Value);

/// <summary>Asks for the connections of the node.</summary>
/// <param name="Count">How many at most.</param>
internal sealed record SocketsRequest(int Count = 200) : IControlRequest<SocketsReply>
{
    public static string Method => "sockets";
}

/// <param name="Total">How many there are.</param>
/// <param name="Sockets">Those for which most waits to be sent.</param>
internal sealed record SocketsReply(int Total, ImmutableArray<SocketRow> Sockets);

/// <param name="Kind"><c>TCP</c>, <c>WebSocket</c> or <c>event stream</c>.</param>
/// <param name="Remote">The other side, where that is known.</param>
/// <param name="Owner">The process that owns it.</param>
/// <param name="Module">The module of that one.</param>
/// <param name="Waiting">Bytes that wait to be sent.</param>
internal sealed record SocketRow(string Kind, string? Remote, string? Owner, string? Module, long Waiting);

/// <summary>Asks who asked for which change, and what came of it.</summary>
/// <param name="Count">How many lines at most.</param>
internal sealed record HistoryRequest(int Count = 100) : IControlRequest<HistoryReply>
{
    public static string Method => "history";
}

/// <param name="Lines">Of the audit log, the newest first.</param>
internal sealed record HistoryReply(ImmutableArray<string> Lines);

/// <summary>Asks for what the node has logged.</summary>
/// <param name="After">Only what came after the line of this number.</param>
internal sealed record LogRequest(long After = 0) : IControlRequest<LogReply>
{
    public static string Method => "log";
}

/// <param name="Last">The number of the last line.</param>
/// <param name="Lines">The last few hundred, the oldest first.</param>
internal sealed record LogReply(long Last, ImmutableArray<LogRow> Lines);

/// <param name="At">When.</param>
/// <param name="Level">How bad.</param>
/// <param name="Event">Its name.</param>
/// <param name="Text">What happened.</param>
internal sealed record LogRow(DateTimeOffset At, string Level, string? Event, string Text);
