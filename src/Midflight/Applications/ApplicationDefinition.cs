using System.Text.Json;

namespace Midflight;

/// <summary>What a node must know about an application to run it.</summary>
/// <param name="Name">Lower-case; the name of its project.</param>
/// <param name="Version">The version of its project.</param>
/// <param name="StartModule">The type that derives from <see cref="Application"/>, in any version; null for a library, which has nothing to start.</param>
public sealed record ApplicationDefinition(string Name, string Version, Type? StartModule)
{
    private static readonly Dictionary<string, JsonElement> s_nothing = [];

    /// <summary>Names of the applications that must be running before it starts. Default: none.</summary>
    public IReadOnlyList<string> Dependencies { get; init; } = [];

    /// <summary>The values that <see cref="Application.Get{T}(string)"/> finds. Default: none.</summary>
    public IReadOnlyDictionary<string, JsonElement> Environment { get; init; } = s_nothing;

    /// <summary>The calls of <see cref="Application.StartPhase"/>, in order, after its processes have started. Default: none.</summary>
    public IReadOnlyList<KeyValuePair<string, JsonElement>> StartPhases { get; init; } = [];

    /// <summary>
    /// Applications whose processes it starts itself, in its own supervision tree: OTP's <c>included_applications</c>. Their start modules
    /// are called only for start phases. Their dependencies and modes have no effect. Default: none.
    /// </summary>
    public IReadOnlyList<ApplicationDefinition> Included { get; init; } = [];

    /// <summary>What its end means for the node. Default: <see cref="StartMode.Temporary"/>, as in OTP.</summary>
    public StartMode Mode { get; init; } = StartMode.Temporary;

    /// <summary>Whether it is, or includes, the application with this name: whatever needs that one needs this one.</summary>
    internal bool Provides(string name) => Name == name || Included.Any(included => included.Provides(name));

    /// <summary>The definition of an application outside any release, with the name and version of its assembly.</summary>
    public static ApplicationDefinition Of<TApplication>()
        where TApplication : Application
    {
        var assembly = typeof(TApplication).Assembly.GetName();
        return new(assembly.Name!.ToLowerInvariant(), assembly.Version?.ToString(3) ?? "0.0.0", typeof(TApplication));
    }
}
