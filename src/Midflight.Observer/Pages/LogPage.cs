using Midflight.Host.Control.Requests;

namespace Midflight.Observer.Pages;

/// <summary>What the node has logged last.</summary>
internal sealed class LogPage : ObserverPage
{
    public override string Path => "log";

    public override string Title => "Log";

    public override async Task Render(ObserverContext context, Html html)
    {
        var reply = await context.Ask<LogRequest, LogReply>(new()).ConfigureAwait(false);
        html.Add($"<p>The last lines of the node's log, the newest first.</p><div id=\"log\" data-live role=\"log\"><div class=\"wide\"><table><thead><tr><th scope=\"col\">When</th><th scope=\"col\">Level</th><th scope=\"col\">Event</th><th scope=\"col\">What</th></tr></thead><tbody>");

        foreach (var line in reply.Lines.Reverse())
        {
            html.Add($"<tr><td>{line.At:HH:mm:ss.fff}</td><td{(line.Level is "Error" or "Critical" ? Html.Of($" class=\"bad\"") : null)}>{line.Level}</td><td>{line.Event}</td><td><pre>{line.Text}</pre></td></tr>");
        }

        html.Add($"</tbody></table></div></div>");
    }
}
