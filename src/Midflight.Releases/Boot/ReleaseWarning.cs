namespace Midflight.Releases;

/// <summary>Something unusual about a valid release.</summary>
public abstract record ReleaseWarning
{
    private ReleaseWarning() { }

    /// <summary>It lacks the application that carries out upgrades.</summary>
    /// <param name="Upgrader">The application.</param>
    public sealed record NoUpgrader(string Upgrader) : ReleaseWarning;

    /// <summary>The whole sentence shown to a person, ending with what to do.</summary>
    public sealed override string ToString() => this switch
    {
        NoUpgrader(var upgrader) => $"The release lacks {upgrader}, so it cannot be upgraded. Add it to its applications.",
        _ => throw new InvalidOperationException($"No sentence for {GetType().Name}."),
    };
}
