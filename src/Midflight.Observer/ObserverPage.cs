namespace Midflight.Observer;

/// <summary>One page of the observer. The built-in ones are made of it as well; add others to <see cref="ObserverSettings.Pages"/>.</summary>
/// <remarks>
/// It is asked for each request, by many at once, so it keeps nothing. An element of it with an <c>id</c> and the attribute <c>data-live</c> is
/// shown anew each second while somebody looks at it.
/// </remarks>
public abstract class ObserverPage
{
    /// <summary>Its address below the observer's: letters, digits, <c>-</c>.</summary>
    public abstract string Path { get; }

    /// <summary>Its title, and its name in the menu.</summary>
    public abstract string Title { get; }

    /// <summary>Whether it is in the menu. Default: yes.</summary>
    public virtual bool IsInMenu => true;

    /// <summary>Writes what is on it.</summary>
    public abstract Task Render(ObserverContext context, Html html);

    /// <summary>Carries out what a form of it asks for. Called only where changes are allowed, and for a form of the observer's own: see <see cref="ObserverContext.FormKey"/>.</summary>
    /// <returns>The address to show next; see <see cref="ObserverContext.Link"/>.</returns>
    public virtual Task<string> Act(ObserverContext context) => throw new ObserverException($"{Title} has nothing to do.");
}

/// <summary>Says on a page what went wrong.</summary>
/// <param name="message">What, and what to do.</param>
public sealed class ObserverException(string message) : Exception(message);

/// <summary>What an observer may do and shows.</summary>
public sealed class ObserverSettings
{
    /// <summary>Whether its pages may change the node: upgrade, commit, downgrade, trace. Default: no.</summary>
    public bool AllowChanges { get; set; }

    /// <summary>Pages besides the built-in ones; one of the same path takes the place of a built-in one.</summary>
    public ICollection<ObserverPage> Pages { get; } = [];
}
