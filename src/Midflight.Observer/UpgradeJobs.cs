using System.Collections.Immutable;
using Midflight.Host.Control;

namespace Midflight.Observer;

/// <summary>What was asked for by the page of upgrades, with its progress: it goes on when the page is left.</summary>
internal sealed class UpgradeJobs(NodeClient node)
{
    private const int Most = 10;

    private ImmutableList<UpgradeJob> _all = [];

    /// <summary>The last ones, the newest first.</summary>
    internal ImmutableList<UpgradeJob> All => _all;

    /// <summary>Begins one.</summary>
    /// <param name="title">What is asked for.</param>
    /// <param name="request">The request.</param>
    /// <param name="told">Shows the answer.</param>
    internal void Begin<TRequest, TReply>(string title, TRequest request, Func<TReply, Html> told)
        where TRequest : IControlRequest<TReply>
    {
        var job = new UpgradeJob(title);
        ImmutableInterlocked.Update(ref _all, all => [job, .. all.Take(Most - 1)]);
        _ = Carry(job, request, told);
    }

    private async Task Carry<TRequest, TReply>(UpgradeJob job, TRequest request, Func<TReply, Html> told)
        where TRequest : IControlRequest<TReply>
    {
        try
        {
            job.Outcome = told(await node.Call<TRequest, TReply>(request, job.Tell, CancellationToken.None).ConfigureAwait(false));
        }
        // Nobody waits for it but who looks at the page.
        catch (Exception exception)
        {
            job.Outcome = Html.Of($"<p class=\"problem\">{exception.Message}</p>");
        }
    }
}

/// <summary>Something that was asked for.</summary>
internal sealed class UpgradeJob(string title)
{
    private ImmutableList<ProgressReport> _steps = [];
    private volatile Html? _outcome;

    internal string Title => title;

    internal ImmutableList<ProgressReport> Steps => _steps;

    /// <summary>What came of it; null as long as it goes on.</summary>
    internal Html? Outcome
    {
        get => _outcome;
        set => _outcome = value;
    }

    internal void Tell(ProgressReport step) => ImmutableInterlocked.Update(ref _steps, steps => steps.Add(step));
}
