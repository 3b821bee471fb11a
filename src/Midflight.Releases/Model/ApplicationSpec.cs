using System.Collections.Immutable;
using System.Text.Json;

namespace Midflight.Releases;

/// <summary>One version of one application: OTP's <c>.app</c>, our <c>NAME.app.json</c>.</summary>
/// <param name="Name">Lower-case name of the application.</param>
/// <param name="Version">Its version.</param>
public sealed record ApplicationSpec(string Name, string Version)
{
    /// <summary>An identification of the product, if it has one. Default: empty.</summary>
    public string Id { get; init; } = "";

    /// <summary>One line on what it is. Default: empty.</summary>
    public string Description { get; init; } = "";

    /// <summary>Its modules.</summary>
    public ImmutableArray<ModuleSpec> Modules { get; init; } = [];

    /// <summary>The names that its processes register. No two applications of a release may register the same name.</summary>
    public ImmutableArray<string> Registered { get; init; } = [];

    /// <summary>The applications that it depends on; they are started before it.</summary>
    public ImmutableArray<string> Applications { get; init; } = [];

    /// <summary>Those of <see cref="Applications"/> that a release may omit.</summary>
    public ImmutableArray<string> OptionalApplications { get; init; } = [];

    /// <summary>The applications that it starts itself, inside its own supervision tree.</summary>
    public ImmutableArray<string> IncludedApplications { get; init; } = [];

    /// <summary>Its start module, or null for an application without processes.</summary>
    public StartModule? Mod { get; init; }

    /// <summary>The start phases in order, or null if it has none.</summary>
    public ImmutableArray<StartPhase>? StartPhases { get; init; }

    /// <summary>Its default configuration, in the order written.</summary>
    public ImmutableArray<KeyValuePair<string, JsonElement>> Env { get; init; } = [];

    /// <summary>Milliseconds after which the application is ended, 1 or more; null (the default) means never.</summary>
    public long? MaxTime { get; init; }

    /// <summary>The most processes that it may run, 1 or more; null (the default) means no limit.</summary>
    public long? MaxProcesses { get; init; }

    /// <summary>How a node keeps its code versions. Default: <see cref="KeepMode.Unloadable"/>.</summary>
    public KeepMode Keep { get; init; } = KeepMode.Unloadable;

    /// <summary>
    /// Whether an upgrade suspends the processes of its changed modules together, and changes all of them before any continues. Default: false, each goes to the new
    /// code at its next message, unless it has to be suspended.
    /// </summary>
    public bool Together { get; init; }

    /// <summary>Whether one of its modules has this name.</summary>
    /// <param name="module">Full name of a module.</param>
    public bool Has(string module) => Modules.Any(candidate => candidate.Name == module);
}

/// <summary>A module of an application.</summary>
/// <param name="Name">Full type name, such as <c>Octochat.Echo</c>.</param>
/// <param name="Vsn">Its version: the value of <c>[Vsn]</c>, or a hash of its code; null if none is given.</param>
public sealed record ModuleSpec(string Name, string? Vsn = null);

/// <summary>The module that starts an application, and its argument.</summary>
/// <param name="Module">Full type name of the start module.</param>
/// <param name="Argument">The argument of its start.</param>
public sealed record StartModule(string Module, JsonElement Argument);

/// <summary>One phase of an application's start.</summary>
/// <param name="Name">Name of the phase.</param>
/// <param name="Argument">The argument of the phase.</param>
public sealed record StartPhase(string Name, JsonElement Argument);
