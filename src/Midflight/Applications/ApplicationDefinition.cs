using System.Text.Json;

namespace Midflight;

/// <summary>What a node has to know of an application to run it.</summary>
/// <param name="Name">Lower-case; the name of its project.</param>
/// <param name="Version">As its project says.</param>
/// <param name="StartModule">The type that derives from <see cref="Application"/>, in whatever version; null for a library, which has nothing to start.</param>
public sealed record ApplicationDefinition(string Name, string Version, Type? StartModule)
{
    private static readonly Dictionary<string, JsonElement> s_nothing = [];

    /// <summary>Names of the applications that must run before it. Default: none.</summary>
    public IReadOnlyList<string> Dependencies { get; init; } = [];

    /// <summary>What <see cref="Application.Get{T}(string)"/> finds. Default: nothing.</summary>
    public IReadOnlyDictionary<string, JsonElement> Environment { get; init; } = s_nothing;

    /// <summary>What <see cref="Application.StartPhase"/> is called with, one after the other, when its processes have started. Default: nothing.</summary>
    public IReadOnlyList<KeyValuePair<string, JsonElement>> StartPhases { get; init; } = [];

    /// <summary>
    /// Applications whose processes it starts itself, in its own supervision tree: OTP's <c>included_applications</c>. Their start modules
    /// are told of start phases only; their dependencies and modes mean nothing. Default: none.
    /// </summary>
    public IReadOnlyList<ApplicationDefinition> Included { get; init; } = [];

    /// <summary>What its end means. Default: <see cref="StartMode.Temporary"/>, as in OTP.</summary>
    public StartMode Mode { get; init; } = StartMode.Temporary;

    /// <summary>Whether it is, or includes, the application of this name: whoever needs that one needs this one.</summary>
    internal bool Provides(string name) => Name == name || Included.Any(included => included.Provides(name));

    /// <summary>The definition of an application that is not part of a release: name and version of its assembly.</summary>
    public static ApplicationDefinition Of<TApplication>()
        where TApplication : Application
    {
        var assembly = typeof(TApplication).Assembly.GetName();
        return new(assembly.Name!.ToLowerInvariant(), assembly.Version?.ToString(3) ?? "0.0.0", typeof(TApplication));
    }
}
