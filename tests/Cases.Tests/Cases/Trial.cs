namespace Midflight.Cases;

/// <summary>Something that is tried with a node, and may end the process.</summary>
/// <param name="Name">What it is called.</param>
internal abstract record Trial(string Name)
{
    /// <summary>Tries it in this process.</summary>
    public abstract Task<CaseOutcome> Run();
}
