using Midflight.Host.Control.Requests;

namespace Midflight.Observer.Pages;

/// <summary>The applications, their code versions, and who still runs old code.</summary>
internal sealed class ApplicationsPage : ObserverPage
{
    public override string Path => "applications";

    public override string Title => "Applications";

    public override async Task Render(ObserverContext context, Html html)
    {
        var status = await context.Ask<StatusRequest, StatusReply>(new()).ConfigureAwait(false);
        html.Add($"<div id=\"applications\" data-live><div class=\"wide\"><table><thead><tr><th scope=\"col\">Application</th><th scope=\"col\">Version</th><th scope=\"col\">Old code</th><th scope=\"col\">Run by</th></tr></thead><tbody>");

        foreach (var application in status.Applications)
        {
            var old = application.Old is { } version
                ? Html.Of($"<a href=\"{context.Link("processes", ("filter", $"{application.Name} {version}"))}\">{application.OldProcesses:N0} processes</a>")
                : null;
            html.Add($"<tr><td>{application.Name}</td><td><a href=\"{context.Link("processes", ("filter", $"{application.Name} {application.Version}"))}\">{application.Version}</a></td><td>{application.Old ?? "none"}</td><td>{old}</td></tr>");
        }

        html.Add($"</tbody></table></div><p>{status.NotUnloaded} purged code versions are still in memory{(status.NotUnloaded > 0 ? Html.Of($"; the <a href=\"{context.Link("log")}\">log</a> says what holds them, by process and field") : null)}.</p></div>");
    }
}
