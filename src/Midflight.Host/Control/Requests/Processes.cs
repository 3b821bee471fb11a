using System.Collections.Immutable;

namespace Midflight.Host.Control.Requests;

/// <summary>Asks for the processes of the node.</summary>
/// <param name="Top">By what they are ranked: <c>queue</c>, <c>reductions</c> or <c>memory</c>. Null for the order of their numbers.</param>
/// <param name="Count">The most processes to show.</param>
/// <param name="Skip">How many of the first to leave out.</param>
/// <param name="Filter">Text that the pid, module, version, name or label contains. Null for all.</param>
internal sealed record ProcessesRequest(string? Top = null, int Count = 20, int Skip = 0, string? Filter = null) : IControlRequest<ProcessesReply>
{
    public static string Method => "processes";
}

/// <param name="Total">How many processes the node has.</param>
/// <param name="Processes">Those that were asked for.</param>
/// <param name="Fitting">How many match the filter.</param>
internal sealed record ProcessesReply(int Total, ImmutableArray<ProcessRow> Processes, int Fitting);

/// <param name="Pid">The process.</param>
/// <param name="Names">Its registered names.</param>
/// <param name="Module">Its module.</param>
/// <param name="Version">The code version that it runs; null for code that is not hot.</param>
/// <param name="Activity"><c>waiting</c>, <c>running</c>, <c>awaiting</c> or <c>suspended</c>.</param>
/// <param name="Function">What it handles or handled last.</param>
/// <param name="Queue">Messages that wait.</param>
/// <param name="Reductions">Messages handled since it began.</param>
/// <param name="Memory">Bytes of its state, estimated; null unless ranked by it.</param>
internal sealed record ProcessRow(
    string Pid, ImmutableArray<string> Names, string Module, string? Version, string Activity, string? Function, int Queue, long Reductions, long? Memory);
