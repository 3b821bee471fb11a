using System.Collections.Immutable;
using System.Text.Json;
using Midflight.Releases;
using Midflight.Releases.Packages;
using Midflight.Releases.Plans;

namespace Midflight.Host;

/// <summary>A release on disk, read to be run: its boot script, its applications and their configuration.</summary>
internal sealed class InstalledCode
{
    private readonly ReleaseLayout _layout;
    private readonly Dictionary<string, ApplicationSpec> _specs;
    private readonly Dictionary<string, Dictionary<string, JsonElement>> _configuration;

    private InstalledCode(
        ReleaseLayout layout,
        BootScript boot,
        Dictionary<string, ApplicationSpec> specs,
        Dictionary<string, Dictionary<string, JsonElement>> configuration) =>
        (_layout, Boot, _specs, _configuration) = (layout, boot, specs, configuration);

    /// <summary>What is loaded and started, in which order.</summary>
    internal BootScript Boot { get; }

    /// <summary>Reads a release.</summary>
    /// <exception cref="InvalidDataException">A file is missing or damaged; the message names file, line and column.</exception>
    internal static InstalledCode Read(ReleaseLayout layout, string version)
    {
        var boot = ReleaseImage.Content(layout.BootFile(version), BootFile.Read);
        var specs = boot.Code.ToDictionary(
            code => code.Application, code => ReleaseImage.Content(layout.AppFile(code.Application, code.Version), ApplicationFile.Read));
        return new(layout, boot, specs, Configuration(layout.ConfigFile(version)));
    }

    /// <summary>The code of all applications.</summary>
    /// <exception cref="InvalidDataException">An application has no code.</exception>
    internal ImmutableArray<ApplicationImage> Images() => [.. Boot.Code.Select(code => Image(code.Application))];

    /// <summary>The code of one application.</summary>
    /// <exception cref="InvalidDataException">It has none.</exception>
    internal ApplicationImage Image(string application)
    {
        var code = Boot.Code.Single(code => code.Application == application);

        try
        {
            return ApplicationFolder.Read(Path.Combine(_layout.Root, code.Folder), _specs[application]);
        }
        catch (IOException exception)
        {
            throw new InvalidDataException(exception.Message, exception);
        }
    }

    /// <summary>The definitions of the applications to start, in order, for the application controller.</summary>
    /// <param name="code">The code server that has loaded them.</param>
    /// <exception cref="InvalidDataException">A start module is not in the code.</exception>
    internal ImmutableArray<ApplicationDefinition> Definitions(CodeServer code) =>
        [.. Boot.Start.Select(start => Definition(start.Application, start.Type, code))];

    /// <summary>The definition of one application, for the application controller.</summary>
    /// <param name="application">Its name.</param>
    /// <param name="type">What its end means.</param>
    /// <param name="code">The code server that has loaded it, with its start module.</param>
    /// <exception cref="InvalidDataException">The start module is not in the code.</exception>
    internal ApplicationDefinition Definition(string application, StartType type, CodeServer code)
    {
        var spec = _specs[application];
        Type? module = null;

        if (spec.Mod is { } mod)
        {
            module = code.Find(application)?.Current?.Version.FindType(mod.Module);

            if (module is null || !typeof(Application).IsAssignableFrom(module))
            {
                throw new InvalidDataException(
                    $"{application} {spec.Version} starts with {mod.Module}, which {(module is null ? "is not in its code" : "does not derive from Midflight.Application")}. " +
                    "Build the release again with `midflight release`.");
            }
        }

        // Optional dependencies count if the release has them.
        var started = Boot.Start.Select(start => start.Application).ToHashSet();
        return new(application, spec.Version, module)
        {
            Dependencies = [.. spec.Applications.Where(other => started.Contains(other) || !spec.OptionalApplications.Contains(other))],
            Environment = Environment(application, spec),
            StartPhases = spec.StartPhases is { } phases ? [.. phases.Select(phase => KeyValuePair.Create(phase.Name, phase.Argument))] : [],

            // An application that the release starts itself is not included by any other, whatever the applications say.
            Included = [.. spec.IncludedApplications.Where(included => !started.Contains(included) && _specs.ContainsKey(included)).Select(included => Definition(included, type, code))],
            Mode = type switch
            {
                StartType.Permanent => StartMode.Permanent,
                StartType.Transient => StartMode.Transient,
                _ => StartMode.Temporary,
            },
        };
    }

    // The application's own values, overridden by the release's configuration.
    private Dictionary<string, JsonElement> Environment(string application, ApplicationSpec spec)
    {
        var environment = new Dictionary<string, JsonElement>();

        foreach (var (key, value) in spec.Env)
        {
            environment[key] = value;
        }

        foreach (var (key, value) in _configuration.GetValueOrDefault(application) ?? [])
        {
            environment[key] = value;
        }

        return environment;
    }

    // {"APPLICATION": {"KEY": VALUE}}
    private static Dictionary<string, Dictionary<string, JsonElement>> Configuration(string file)
    {
        if (!File.Exists(file))
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            var configuration = new Dictionary<string, Dictionary<string, JsonElement>>();

            foreach (var application in document.RootElement.EnumerateObject())
            {
                var environment = new Dictionary<string, JsonElement>();
                configuration.Add(application.Name, environment);

                foreach (var entry in application.Value.EnumerateObject())
                {
                    environment.Add(entry.Name, entry.Value.Clone());
                }
            }

            return configuration;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException(
                $"{file} is not a configuration: {exception.Message} Write {{\"APPLICATION\": {{\"KEY\": VALUE}}}}.", exception);
        }
    }
}
