using System.Collections.Immutable;
using Midflight.Host.Control.Requests;

namespace Midflight.Observer.Pages;

/// <summary>One process: its state, what waits for it, whom it knows.</summary>
internal sealed class ProcessPage : ObserverPage
{
    public override string Path => "process";

    public override string Title => "Process";

    public override bool IsInMenu => false;

    public override async Task Render(ObserverContext context, Html html)
    {
        var pid = context.Query("pid") ?? throw new ObserverException("No process is asked for. Choose one from the list.");
        var process = await context.Ask<ProcessRequest, ProcessReply>(new(pid)).ConfigureAwait(false);
        var row = process.Row;
        var isTraced = process.Debug.Contains("trace");

        html.Add($"""
            <div id="process" data-live><dl aria-label="Process {row.Pid}">
            <div><dt>Process</dt><dd>{row.Pid} {string.Join(' ', row.Names)} {process.Label}</dd></div>
            <div><dt>Module</dt><dd>{row.Module}</dd></div>
            <div><dt>Version</dt><dd>{row.Version ?? "not hot"}</dd></div>
            <div><dt>Does</dt><dd>{row.Activity} <span class="soft code">{row.Function}</span></dd></div>
            <div><dt>Messages that wait</dt><dd>{row.Queue:N0}</dd></div>
            <div><dt>Reductions</dt><dd>{row.Reductions:N0}</dd></div>
            <div><dt>Memory of the state</dt><dd>{row.Memory:N0}</dd></div>
            <div><dt>Traps exits</dt><dd>{(process.TrapsExits ? "yes" : "no")}</dd></div>
            <div><dt>Started by</dt><dd>{context.Process(process.Parent)}</dd></div>
            <div><dt>Links</dt><dd>{All(context, process.Links)}</dd></div>
            <div><dt>Monitors</dt><dd>{All(context, process.Monitors)}</dd></div>
            <div><dt>Monitored by</dt><dd>{All(context, process.MonitoredBy)}</dd></div>
            </dl></div>
            <p><a href="{context.Link("tree", ("root", row.Pid))}">Its children</a> · <a href="{context.Link("process", ("pid", row.Pid))}">Look again</a></p>
            """);

        if (context.MayChange)
        {
            html.Add($"<form method=\"post\" action=\"{context.Link("process", ("pid", row.Pid))}\">{context.FormKey}<input type=\"hidden\" name=\"trace\" value=\"{(isTraced ? "off" : "on")}\"><button>{(isTraced ? "End the trace" : "Trace")}</button> <a href=\"{context.Link("log")}\">The log shows it</a></form>");
        }

        html.Add($"<h2>State</h2>");
        html.Add($"{(process.State is { } state ? Html.Of($"<ul class=\"tree\">{Value(state, 0)}</ul>") : Html.Of($"<p class=\"soft\">None that could be shown: it runs a function, or is at work.</p>"))}");
        html.Add($"<h2>Mailbox</h2>");
        html.Add($"{(process.Mailbox.IsEmpty ? Html.Of($"<p class=\"soft\">Nothing waits that it has fetched.</p>") : null)}<ul class=\"tree\">");

        foreach (var message in process.Mailbox)
        {
            html.Add($"{Value(message, 1)}");
        }

        html.Add($"</ul>");
    }

    public override async Task<string> Act(ObserverContext context)
    {
        var pid = context.Query("pid") ?? "";
        await context.Ask<TraceRequest, TraceReply>(new(pid, context.Field("trace") == "on")).ConfigureAwait(false);
        return context.Link("process", ("pid", pid));
    }

    private static Html All(ObserverContext context, ImmutableArray<string> pids)
    {
        var html = new Html();

        foreach (var pid in pids.Take(50))
        {
            html.Add($"{context.Process(pid)} ");
        }

        return pids.Length > 50 ? html.Add($"and {pids.Length - 50} more") : html;
    }

    private static Html Value(ShownValue value, int depth)
    {
        var head = Html.Of($"{value.Name}{(value.Name.Length > 0 && value.Text.Length > 0 ? " = " : " ")}{value.Text} <span class=\"soft\">{value.Type}</span>");

        if (value.Members.IsEmpty)
        {
            return Html.Of($"<li>{head}</li>");
        }

        var members = new Html();

        foreach (var member in value.Members)
        {
            members.Add($"{Value(member, depth + 1)}");
        }

        return Html.Of($"<li><details{(depth < 2 ? Html.Of($" open") : null)}><summary>{head}</summary><ul>{members}</ul></details></li>");
    }
}
