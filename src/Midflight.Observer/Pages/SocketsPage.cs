using Midflight.Host.Control.Requests;

namespace Midflight.Observer.Pages;

/// <summary>The connections.</summary>
internal sealed class SocketsPage : ObserverPage
{
    public override string Path => "sockets";

    public override string Title => "Sockets";

    public override async Task Render(ObserverContext context, Html html)
    {
        var reply = await context.Ask<SocketsRequest, SocketsReply>(new()).ConfigureAwait(false);
        html.Add($"<div id=\"sockets\" data-live><p>{reply.Total:N0} connections; first those for which most waits to be sent</p><div class=\"wide\"><table><thead><tr><th scope=\"col\">Kind</th><th scope=\"col\">Other side</th><th scope=\"col\">Owner</th><th scope=\"col\">Module</th><th scope=\"col\" class=\"number\">Waits, bytes</th></tr></thead><tbody>");

        foreach (var socket in reply.Sockets)
        {
            html.Add($"<tr><td>{socket.Kind}</td><td>{socket.Remote}</td><td>{context.Process(socket.Owner)}</td><td class=\"code\">{socket.Module}</td><td class=\"number\">{socket.Waiting:N0}</td></tr>");
        }

        html.Add($"</tbody></table></div></div>");
    }
}
