using System.Globalization;
using Midflight.Host.Control.Requests;

namespace Midflight.Observer.Pages;

/// <summary>The releases: what an upgrade would do, what one does just now, and what came of those before.</summary>
internal sealed class UpgradesPage : ObserverPage
{
    public override string Path => "upgrades";

    public override string Title => "Upgrades";

    public override async Task Render(ObserverContext context, Html html)
    {
        var status = await context.Ask<StatusRequest, StatusReply>(new()).ConfigureAwait(false);

        if (context.Query("ask") is { } verb && context.Query("version") is { } asked)
        {
            Confirm(context, html, status, verb, asked);
            return;
        }

        var releases = await context.Ask<ReleasesRequest, ReleasesReply>(new()).ConfigureAwait(false);
        html.Add($"<div id=\"state\" data-live><p>{status.Name} <b>{status.Version}</b> runs and is {status.Status}.</p>{UpgradeText.Last(status.Upgrade)}</div>");
        html.Add($"<h2>Releases</h2><div id=\"releases\" data-live class=\"wide\"><table><thead><tr><th scope=\"col\">Version</th><th scope=\"col\">Status</th><th scope=\"col\">Go there</th></tr></thead><tbody>");

        foreach (var release in releases.Releases)
        {
            var isOlder = release.Status == "old";
            var buttons = !context.MayChange ? null
                : release.Version != status.Version ? Html.Of($"{Button(context, "check", release.Version, "Check")} {Ask(context, isOlder ? "downgrade" : "upgrade", release.Version)}")
                : release.Status == "current" ? Ask(context, "commit", release.Version)
                : null;
            html.Add($"<tr><td>{release.Version}</td><td>{release.Status}</td><td>{buttons}</td></tr>");
        }

        html.Add($"</tbody></table></div>");

        if (context.MayChange)
        {
            html.Add($"<form method=\"post\" action=\"{context.Link("upgrades")}\">{context.FormKey}<input type=\"hidden\" name=\"verb\" value=\"check\"><label>A version whose package is there <input name=\"version\" required></label><button>Check</button></form>");
        }
        else
        {
            html.Add($"<p class=\"soft\">This observer shows and changes nothing. Start it with --allow-changes, or set AllowChanges where it is mapped.</p>");
        }

        Jobs(context, html);
        var history = await context.Ask<HistoryRequest, HistoryReply>(new(50)).ConfigureAwait(false);
        html.Add($"<h2>History</h2><div id=\"history\" data-live><ul class=\"tree\">");

        foreach (var line in history.Lines)
        {
            html.Add($"<li>{line}</li>");
        }

        html.Add($"</ul>{(history.Lines.IsEmpty ? Html.Of($"<p class=\"soft\">Nobody has changed anything yet.</p>") : null)}</div>");
    }

    public override Task<string> Act(ObserverContext context)
    {
        var version = context.Field("version") ?? throw new ObserverException("The form names no version.");
        var jobs = context.Site.Jobs;

        switch (context.Field("verb"))
        {
            case "check":
                jobs.Begin<CheckRequest, CheckReply>($"check {version}", new(version), reply => UpgradeText.Plan(context, reply));
                break;
            case "upgrade":
                var probation = double.TryParse(context.Field("probation"), CultureInfo.InvariantCulture, out var seconds) ? seconds : 0;
                jobs.Begin<InstallRequest, InstallReply>(
                    $"upgrade {version}", new(version, context.Field("commit") is not null, probation, AllowLoss: context.Field("loss") is not null), UpgradeText.Done);
                break;
            case "downgrade":
                jobs.Begin<DowngradeRequest, InstallReply>($"downgrade {version}", new(version, context.Field("commit") is not null), UpgradeText.Done);
                break;
            case "commit":
                jobs.Begin<CommitRequest, CommitReply>($"commit {version}", new(version), reply => Html.Of($"<p class=\"good\">{reply.Version} is permanent. {string.Join(' ', reply.Notes)}</p>"));
                break;
            default:
                throw new ObserverException("The form asks for nothing that is known.");
        }

        return Task.FromResult(context.Link("upgrades"));
    }

    private static void Jobs(ObserverContext context, Html html)
    {
        html.Add($"<h2>Asked for here</h2><div id=\"jobs\" data-live aria-live=\"polite\">");

        foreach (var job in context.Site.Jobs.All)
        {
            html.Add($"<h3>{job.Title}{(job.Outcome is null ? " …" : "")}</h3><ul class=\"tree\">");

            foreach (var step in job.Steps)
            {
                html.Add($"<li>{step.Step}: {step.Text}</li>");
            }

            html.Add($"</ul>{job.Outcome}");
        }

        html.Add($"{(context.Site.Jobs.All.IsEmpty ? Html.Of($"<p class=\"soft\">Nothing yet.</p>") : null)}</div>");
    }

    private static void Confirm(ObserverContext context, Html html, StatusReply status, string verb, string version)
    {
        html.Add($"<form method=\"post\" action=\"{context.Link("upgrades")}\" aria-label=\"Confirm\">{context.FormKey}<input type=\"hidden\" name=\"version\" value=\"{version}\"><input type=\"hidden\" name=\"verb\" value=\"{verb}\">");
        html.Add($"<p>{status.Name} runs {status.Version}. Really {verb} {version}?</p>");

        if (verb is "upgrade" or "downgrade")
        {
            html.Add($"<label class=\"check\"><input type=\"checkbox\" name=\"commit\" checked> Commit when all is well</label>");
        }

        if (verb == "upgrade")
        {
            html.Add($"<label>Watch it before, seconds <input type=\"number\" name=\"probation\" min=\"0\" value=\"0\"></label><label class=\"check\"><input type=\"checkbox\" name=\"loss\"> Let go what the new code has no place for</label>");
        }

        html.Add($"<button class=\"go\">Yes, {verb}</button> <a href=\"{context.Link("upgrades")}\">No</a></form>");
    }

    private static Html Button(ObserverContext context, string verb, string version, string title) => Html.Of(
        $"<form class=\"row\" method=\"post\" action=\"{context.Link("upgrades")}\">{context.FormKey}<input type=\"hidden\" name=\"verb\" value=\"{verb}\"><input type=\"hidden\" name=\"version\" value=\"{version}\"><button aria-label=\"{title} {version}\">{title}</button></form>");

    private static Html Ask(ObserverContext context, string verb, string version) =>
        Html.Of($"<a href=\"{context.Link("upgrades", ("ask", verb), ("version", version))}\">{verb} …</a>");
}

/// <summary>What is said of upgrades.</summary>
internal static class UpgradeText
{
    internal static Html? Last(UpgradeStatus? upgrade) => upgrade is null ? null : Html.Of($"""
        <p>Last asked for: {upgrade.From} → {upgrade.To}, <b>{(upgrade.IsOver ? "over" : upgrade.Phase)}</b>{(upgrade.Outcome is null ? "." : ":")} {upgrade.Outcome}</p>
        """);

    internal static Html Done(InstallReply reply)
    {
        var html = Html.Of($"<p class=\"good\">{reply.From} → {reply.To}: {reply.Verdict}, {reply.Processes:N0} processes, {reply.Converted:N0} conversions, switched in {reply.SwitchMilliseconds:0.0} ms; {reply.To} is {reply.Status}</p>");
        return Notes(html, reply.Notes);
    }

    internal static Html Plan(ObserverContext context, CheckReply plan)
    {
        var html = Html.Of($"<p>{plan.From} → {plan.To}: <b>{plan.Verdict}</b>. {plan.Processes:N0} processes would move; {plan.Rehearsed:N0} states and messages were converted on a copy.</p>");
        html.Add($"<div class=\"wide\"><table><thead><tr><th scope=\"col\">Application</th><th scope=\"col\">Module</th><th scope=\"col\">Change</th><th scope=\"col\">Why</th></tr></thead><tbody>");

        foreach (var change in plan.Changes)
        {
            html.Add($"<tr><td>{change.Application}</td><td class=\"code\">{change.Module}</td><td>{change.Change}</td><td>{change.Reason}</td></tr>");
        }

        html.Add($"</tbody></table></div>");

        foreach (var problem in plan.Problems)
        {
            html.Add($"<p class=\"problem\">{problem}</p>");
        }

        return Notes(html, plan.Notes).Add($"<p><a href=\"{context.Link("upgrades", ("ask", "upgrade"), ("version", plan.To))}\">upgrade …</a></p>");
    }

    private static Html Notes(Html html, IEnumerable<string> notes)
    {
        foreach (var note in notes)
        {
            html.Add($"<p class=\"soft\">{note}</p>");
        }

        return html;
    }
}
