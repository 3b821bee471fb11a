namespace Midflight.Hosting;

/// <summary>What runs on the node of a host.</summary>
public sealed class MidflightSettings
{
    private readonly List<ApplicationDefinition> _applications = [];

    internal IReadOnlyList<ApplicationDefinition> Applications => _applications;

    /// <summary>
    /// The folder of a release built by <c>midflight release</c>, absolute or relative to the content root of the host. Its
    /// applications are hot: <c>bin/NAME upgrade</c> upgrades them while the host runs. Default: none.
    /// </summary>
    /// <remarks>
    /// The committed release is started. .NET, Midflight and all assemblies that the host has are the host's, so an upgrade that
    /// needs a restart is refused: start the host again instead. Its applications start after those of <see cref="Add(ApplicationDefinition)"/>.
    /// </remarks>
    public string? Release { get; set; }

    /// <summary>Starts an application of the program itself with the host. It is not hot.</summary>
    /// <param name="mode">What its end means for the host. Default: the host stops too.</param>
    public MidflightSettings Add<TApplication>(StartMode mode = StartMode.Permanent)
        where TApplication : Application => Add(ApplicationDefinition.Of<TApplication>() with { Mode = mode });

    /// <summary>Starts an application of the program itself with the host, after its dependencies. It is not hot.</summary>
    public MidflightSettings Add(ApplicationDefinition application)
    {
        ArgumentNullException.ThrowIfNull(application);
        _applications.Add(application);
        return this;
    }
}
