using Midflight.Host.Control.Requests;

namespace Midflight.Observer.Pages;

/// <summary>The processes, a page of them.</summary>
internal sealed class ProcessesPage : ObserverPage
{
    private const int Rows = 50;

    private static readonly (string Name, string Title)[] s_orders = [("number", "Age"), ("queue", "Queue"), ("reductions", "Reductions"), ("memory", "Memory")];

    public override string Path => "processes";

    public override string Title => "Processes";

    public override async Task Render(ObserverContext context, Html html)
    {
        var filter = context.Query("filter");
        var by = s_orders.FirstOrDefault(order => order.Name == context.Query("by"), s_orders[0]).Name;
        var from = int.TryParse(context.Query("from"), out var skip) ? Math.Max(0, skip) : 0;
        var reply = await context.Ask<ProcessesRequest, ProcessesReply>(new(by == "number" ? null : by, Rows, from, filter)).ConfigureAwait(false);

        html.Add($"<form><label>Filter <input type=\"search\" name=\"filter\" value=\"{filter}\" placeholder=\"module, name, pid, version\"></label><label>First those with most <select name=\"by\">");

        foreach (var (name, title) in s_orders)
        {
            html.Add($"<option value=\"{name}\"{(name == by ? Html.Of($" selected") : null)}>{title}</option>");
        }

        html.Add($"</select></label><button>Show</button></form><div id=\"list\" data-live><p>{reply.Fitting:N0} of {reply.Total:N0} processes</p>");
        html.Add($"<div class=\"wide\"><table><thead><tr><th scope=\"col\">Process</th><th scope=\"col\">Module</th><th scope=\"col\">Version</th><th scope=\"col\">Does</th><th scope=\"col\" class=\"number\">Queue</th><th scope=\"col\" class=\"number\">Reductions</th><th scope=\"col\" class=\"number\">Memory</th></tr></thead><tbody>");

        foreach (var process in reply.Processes)
        {
            html.Add($"<tr><td>{context.Process(process.Pid)} {string.Join(' ', process.Names)}</td><td class=\"code\">{process.Module}</td><td>{process.Version}</td><td>{process.Activity} <span class=\"soft code hide\">{process.Function}</span></td>");
            html.Add($"<td class=\"number\">{process.Queue:N0}</td><td class=\"number\">{process.Reductions:N0}</td><td class=\"number\">{process.Memory:N0}</td></tr>");
        }

        html.Add($"</tbody></table></div><p>{More(context, "Before", filter, by, from, from - Rows, from > 0)} {More(context, "Next", filter, by, from, from + Rows, from + Rows < reply.Fitting)}</p></div>");
    }

    private static Html? More(ObserverContext context, string title, string? filter, string by, int from, int to, bool isThere) => !isThere || from == to ? null
        : Html.Of($"<a href=\"{context.Link("processes", ("filter", filter), ("by", by), ("from", Math.Max(0, to)))}\">{title} {Rows}</a>");
}
