using Midflight.Host.Control.Requests;

namespace Midflight.Observer.Pages;

/// <summary>The tables.</summary>
internal sealed class TablesPage : ObserverPage
{
    public override string Path => "tables";

    public override string Title => "Tables";

    public override async Task Render(ObserverContext context, Html html)
    {
        var reply = await context.Ask<TablesRequest, TablesReply>(new()).ConfigureAwait(false);
        html.Add($"<div id=\"tables\" data-live><p>{reply.Total:N0} tables, the largest first</p><div class=\"wide\"><table><thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Owner</th><th scope=\"col\">Kind</th><th scope=\"col\">Access</th><th scope=\"col\" class=\"number\">Entries</th><th scope=\"col\">Key</th><th scope=\"col\">Value</th></tr></thead><tbody>");

        foreach (var table in reply.Tables)
        {
            html.Add($"<tr><td>{table.Name}</td><td>{context.Process(table.Owner)}</td><td>{table.Kind}</td><td>{table.Access}</td><td class=\"number\">{table.Count:N0}</td><td class=\"code\">{table.Key ?? "hot"}</td><td class=\"code\">{table.Value ?? "hot"}</td></tr>");
        }

        html.Add($"</tbody></table></div></div>");
    }
}
