namespace Midflight.Host;

/// <summary>What the operating system process becomes when its node has stopped.</summary>
internal abstract record NodeEnd
{
    private NodeEnd()
    {
    }

    /// <summary>It ends.</summary>
    /// <param name="Code">0 if it was told to; 1 if it could not start, or had to end.</param>
    internal sealed record Exit(int Code) : NodeEnd;

    /// <summary>An upgrade restarts it: it becomes a new node, with the same pid, which continues the upgrade.</summary>
    /// <param name="Applications">The release whose applications start.</param>
    /// <param name="Runtime">The release whose .NET and Midflight run them.</param>
    internal sealed record GoOn(string Applications, string Runtime) : NodeEnd;

    /// <summary>An upgrade has failed after its restart: it becomes a new node, with the same pid, of the last committed release.</summary>
    internal sealed record StartOver : NodeEnd;
}
