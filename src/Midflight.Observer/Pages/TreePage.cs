using System.Collections.Immutable;
using Midflight.Host.Control.Requests;

namespace Midflight.Observer.Pages;

/// <summary>Who has started whom: the supervision trees.</summary>
internal sealed class TreePage : ObserverPage
{
    private const int Width = 25;

    public override string Path => "tree";

    public override string Title => "Supervision";

    public override async Task Render(ObserverContext context, Html html)
    {
        var root = context.Query("root");
        var from = int.TryParse(context.Query("from"), out var skip) ? Math.Max(0, skip) : 0;
        var tree = await context.Ask<TreeRequest, TreeReply>(new(root, 4, Width, from)).ConfigureAwait(false);
        html.Add($"<nav aria-label=\"Above\"><a href=\"{context.Link("tree")}\">All</a>");

        foreach (var above in tree.Ancestors.Reverse())
        {
            html.Add($" › <a href=\"{context.Link("tree", ("root", above.Pid))}\">{above.Name ?? above.Pid}</a> <span class=\"soft code\">{above.Module}</span>");
        }

        html.Add($"</nav><div id=\"tree\" data-live><p>{tree.Total:N0} {(root is null ? "processes that no other has started" : "children")}</p>{Level(context, tree.Children)}");
        html.Add($"{(from + Width < tree.Total ? Html.Of($"<p><a href=\"{context.Link("tree", ("root", root), ("from", from + Width))}\">Next {Width}</a></p>") : null)}</div>");
    }

    private static Html Level(ObserverContext context, ImmutableArray<TreeEntry> entries)
    {
        var html = Html.Of($"<ul class=\"tree\">");

        foreach (var entry in entries)
        {
            html.Add($"<li>{context.Process(entry.Pid)} {(entry.Name is { } name ? Html.Of($"<b>{name}</b> ") : null)}{entry.Module} <span class=\"soft\">{entry.Version}</span>");
            html.Add($"{(entry.Children.IsEmpty ? null : Level(context, entry.Children))}");
            html.Add($"{(entry.Total > entry.Children.Length ? Html.Of($" <a href=\"{context.Link("tree", ("root", entry.Pid))}\">{entry.Total - entry.Children.Length:N0} more below</a>") : null)}</li>");
        }

        return html.Add($"</ul>");
    }
}
