using System.Collections.Immutable;

namespace Midflight;

/// <summary>What applications show outside of their processes, by whoever knows how to show it: their routes in a web server, say.</summary>
internal interface IApplicationFront
{
    /// <summary>An application serves with this start module from now on: it has started, or its code has become current, for the first time or again.</summary>
    /// <param name="application">Its name.</param>
    /// <param name="module">An instance for this call.</param>
    /// <remarks>In the application's process. What it throws fails the start, or rolls the upgrade back; then what was shown before is shown on.</remarks>
    public void Show(string application, Application module);

    /// <summary>An application stops, has ended, or has no start module any more. Must not throw.</summary>
    public void Hide(string application);
}

/// <summary>The fronts of one node.</summary>
internal sealed class ApplicationFronts(ApplicationController applications)
{
    private ImmutableArray<IApplicationFront> _all = [];

    /// <summary>Adds one. It is told of applications that start, stop and switch from now on.</summary>
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

    /// <summary>A code version has become current: shows the start modules in it, where their application runs.</summary>
    /// <returns>Faulted with what one of them throws.</returns>
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

    /// <summary>Makes a process that serves a client of an application one of its: it ends with it.</summary>
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
