using System.Collections.Immutable;

namespace Midflight;

/// <summary>Shows what applications have outside their processes, for example their routes in a web server.</summary>
internal interface IApplicationFront
{
    /// <summary>From now on an application serves with this start module: it has started, or its code has become current, for the first time or again.</summary>
    /// <param name="application">Its name.</param>
    /// <param name="module">An instance for this call.</param>
    /// <remarks>Runs in the application's process. If it throws, the start fails or the upgrade is rolled back, and what was shown before stays.</remarks>
    public void Show(string application, Application module);

    /// <summary>An application is stopping, has ended, or no longer has a start module. Must not throw.</summary>
    public void Hide(string application);
}

/// <summary>The fronts of one node.</summary>
internal sealed class ApplicationFronts(ApplicationController applications)
{
    private ImmutableArray<IApplicationFront> _all = [];

    /// <summary>Adds a front. From now on it is told of applications that start, stop and switch.</summary>
    internal void Add(IApplicationFront front) => ImmutableInterlocked.Update(ref _all, static (all, front) => all.Add(front), front);

    internal bool IsEmpty => _all.IsEmpty;

    /// <inheritdoc cref="IApplicationFront.Show"/>
    internal void Show(string application, Application module)
    {
        foreach (var front in _all)
        {
            front.Show(application, module);
        }
    }

    /// <inheritdoc cref="IApplicationFront.Hide"/>
    internal void Hide(string application)
    {
        foreach (var front in _all)
        {
            front.Hide(application);
        }
    }

    /// <summary>A code version has become current: shows its start modules whose application is running.</summary>
    /// <returns>Faulted if one of them throws.</returns>
    internal async Task Show(CodeVersion version)
    {
        var name = version.Application.Name;
        var isShown = false;

        await applications.Tell(
            version,
            module =>
            {
                isShown = true;
                Show(name, module);
                return default;
            }).ConfigureAwait(false);

        if (!isShown)
        {
            Hide(name);
        }
    }

    /// <summary>Makes a process that serves a client of an application a process of that application: it ends with it.</summary>
    internal void Adopt(Cell process, string application)
    {
        if (applications.Serving(application)?.Cell is not { } master)
        {
            process.Post(new ExitSignal(null, ExitReason.Shutdown, link: false));
            return;
        }

        process.Do(owner =>
        {
            owner.Parent = master;
            owner.Links.Add(master);
            master.Post(new LinkSignal(owner, master));
        });
    }
}
