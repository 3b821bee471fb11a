using System.Globalization;
using Midflight.Host.Control.Requests;

namespace Midflight.Observer.Pages;

/// <summary>How the node is, now and over the last minutes.</summary>
internal sealed class OverviewPage : ObserverPage
{
    public override string Path => "";

    public override string Title => "Overview";

    public override async Task Render(ObserverContext context, Html html)
    {
        var status = await context.Ask<StatusRequest, StatusReply>(new()).ConfigureAwait(false);
        var samples = context.Site.Samples.Look();
        html.Add($"""
            <div id="now" data-live>
            <dl aria-label="The node">
            <div><dt>Release</dt><dd>{status.Name} {status.Version}</dd></div>
            <div><dt>Status</dt><dd>{status.Status}</dd></div>
            <div><dt>Up</dt><dd>{TimeSpan.FromSeconds(Math.Floor(status.UptimeSeconds)):c}</dd></div>
            <div><dt>Process</dt><dd>{status.Pid}</dd></div>
            <div><dt>Midflight, .NET</dt><dd>{status.Midflight}, {status.Runtime}</dd></div>
            <div><dt>Code not unloaded yet</dt><dd>{status.NotUnloaded}</dd></div>
            </dl>
            {UpgradeText.Last(status.Upgrade)}
            <div class="charts">
            {Chart.Of("Processes", "", samples, figures => figures.Processes)}
            {Chart.Rate("Messages handled", "/s", samples, figures => figures.Reductions)}
            {Chart.Rate("Processes started", "/s", samples, figures => figures.Started)}
            {Chart.Of("Messages that wait", "", samples, figures => figures.Queued)}
            {Chart.Of("Memory", "MB", samples, figures => figures.MemoryBytes / 1e6)}
            {Chart.Of("Heap", "MB", samples, figures => figures.HeapBytes / 1e6)}
            {Chart.Rate("Processors in use", "", samples, figures => figures.CpuSeconds)}
            {Chart.Rate("Pauses of the collector", "ms/s", samples, figures => figures.PauseSeconds * 1000)}
            {Chart.Of("Connections", "", samples, figures => figures.Sockets)}
            </div>
            </div>
            """);
    }
}

/// <summary>A figure over time, drawn where it is measured.</summary>
internal static class Chart
{
    internal static Html Of(string name, string unit, IReadOnlyList<FiguresReply> samples, Func<FiguresReply, double> figure) => Draw(name, unit, [.. samples.Select(figure)]);

    /// <summary>How much a figure that only grows has grown in each second.</summary>
    internal static Html Rate(string name, string unit, IReadOnlyList<FiguresReply> samples, Func<FiguresReply, double> figure) => Draw(
        name, unit, [.. samples.Zip(samples.Skip(1), (before, after) => after.At > before.At ? (figure(after) - figure(before)) / (after.At - before.At) : 0)]);

    private static Html Draw(string name, string unit, double[] values)
    {
        var (now, most) = (values.LastOrDefault(), values.DefaultIfEmpty().Max());
        var points = string.Join(' ', values.Select((value, at) => string.Create(
            CultureInfo.InvariantCulture, $"{at * 300.0 / Math.Max(1, values.Length - 1):0.#},{58 - (most > 0 ? value / most * 54 : 0):0.#}")));
        return Html.Of($"""
            <figure><figcaption>{name} <b>{(values.Length > 0 ? $"{Figure(now)} {unit}" : "…")}</b></figcaption>
            <svg viewBox="0 0 300 60" preserveAspectRatio="none" role="img" aria-label="{name}: {Figure(now)} {unit} now, at most {Figure(most)} in the last {values.Length} seconds"><polyline points="{points}"/></svg></figure>
            """);
    }

    private static string Figure(double value) => value.ToString(value is >= 100 or 0 || value == Math.Floor(value) ? "N0" : "0.0", CultureInfo.InvariantCulture);
}
