using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Midflight.Host;

/// <summary>The figures of upgrades and code versions, in the meter <c>Midflight</c> like those of the node, and the span of a whole upgrade.</summary>
/// <remarks>One name for all: who watches a node asks for one meter, and need not know which assembly counts what.</remarks>
internal sealed class UpgradeMeter : IDisposable
{
    private readonly WeakMeter<ReleaseHandler> _meter;
    private readonly string _release;
    private readonly Counter<long> _upgrades;
    private readonly Counter<long> _conversions;
    private readonly Histogram<double> _switches;

    /// <param name="releases">Whose upgrades.</param>
    /// <param name="release">The name of its releases.</param>
    internal UpgradeMeter(ReleaseHandler releases, string release)
    {
        (_meter, _release) = (new(releases), release);
        _upgrades = _meter.Counter("midflight.upgrades", "{upgrade}", "Completed upgrade steps, by outcome.");
        _switches = _meter.Seconds("midflight.upgrade.switch.duration", "Time from the first suspend to the last resume.");
        _conversions = _meter.Counter("midflight.conversions", "{value}", "Values converted to another code version by upgrades.");
        _meter.Levels("midflight.code.versions", "{version}", "Code versions in memory.", "midflight.code.state", releases => releases.Old.Versions);
        _meter.Total("midflight.code.unloads.late", "{version}", "Purged code versions reported as still in memory.", releases => releases.Old.Unloads.Late);
    }

    /// <summary>Runs an install in a span, and counts how it ends.</summary>
    internal async Task<UpgradeReport> Install(string from, string to, Func<Task<UpgradeReport>> install)
    {
        var span = Begin(from, to);

        try
        {
            var report = await install().ConfigureAwait(false);
            End(span, from, to, report.IsRestarting ? "restarting" : "installed", null, report.Verdict);
            return report;
        }
        catch (ReleaseRefusedException refused)
        {
            End(span, from, to, "refused", refused.Message);
            throw;
        }
        catch (UpgradeFailedException failed)
        {
            End(span, from, to, failed.IsRolledBack ? "rolled_back" : "failed", failed.Message);
            throw;
        }
        catch (Exception exception)
        {
            End(span, from, to, "failed", exception.Message);
            throw;
        }
    }

    /// <summary>A switch has succeeded, whatever its probation will say.</summary>
    internal void Switched(string from, string to, Upgrade upgrade)
    {
        _switches.Took(upgrade.Switched, Tags(from, to));
        _conversions.Count(upgrade.Rehearsed, new KeyValuePair<string, object?>("midflight.phase", "rehearsal"));
        _conversions.Count(upgrade.Processes, new KeyValuePair<string, object?>("midflight.phase", "switch"));
    }

    /// <summary>A release has become permanent.</summary>
    internal void Committed(string from, string to) => Count(from, to, "committed");

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private Activity? Begin(string from, string to)
    {
        var span = Spans.Step("upgrade");

        foreach (var (name, value) in Tags(from, to))
        {
            span?.SetTag(name, value);
        }

        return span;
    }

    private void End(Activity? span, string from, string to, string outcome, string? error, string? verdict = null)
    {
        span?.SetTag("midflight.verdict", verdict);
        span?.SetTag("midflight.outcome", outcome);
        Spans.Stop(span, error);
        Count(from, to, outcome);
    }

    private void Count(string from, string to, string outcome) =>
        _upgrades.Count(1, [.. Tags(from, to), new KeyValuePair<string, object?>("midflight.outcome", outcome)]);

    private KeyValuePair<string, object?>[] Tags(string from, string to) =>
        [new("midflight.release", _release), new("midflight.from", from), new("midflight.to", to)];
}
