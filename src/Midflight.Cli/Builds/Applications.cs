using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using Midflight.Releases;

namespace Midflight.Cli.Builds;

/// <summary>Reads the applications out of what was built; no code of them is loaded or run.</summary>
internal static class Applications
{
    private static readonly JsonElement s_null = JsonSerializer.SerializeToElement<object?>(null);

    /// <summary>The applications, that of the project first.</summary>
    /// <exception cref="Failure">The project is no application.</exception>
    public static ImmutableArray<BuiltApplication> Read(Published published)
    {
        var all = DependencyFile.Read(published.DependencyFile);
        var assemblies = all.Where(dependency => dependency.IsProject)
            .SelectMany(dependency => dependency.Files)
            .Where(file => file.EndsWith(".dll", StringComparison.Ordinal) && !file.Contains('/', StringComparison.Ordinal))
            .Distinct()
            .ToDictionary(file => file, file => AssemblyFile.Read(Path.Combine(published.Folder, file)));
        var parts = ApplicationParts.Divide(
            published.AssemblyName, all, dependency => IsShared(published, dependency), RefersToMidflight);
        if (!RefersToMidflight(parts.First(part => part.Project.Name == published.AssemblyName).Project))
        {
            throw new Failure(
                $"{published.AssemblyName} does not refer to Midflight, so there is nothing in it that a node could run. " +
                "Add a reference to Midflight and a class that derives from Application.");
        }

        var names = parts.ToDictionary(part => part.Project.Name, part => NameOf(published, part.Project));
        var code = new CodeSet(parts.SelectMany(part => part.Own).SelectMany(Own));
        return
        [
            .. from part in parts
               orderby part.Project.Name != published.AssemblyName
               let own = part.Own.SelectMany(Own).ToImmutableArray()
               select new BuiltApplication(Spec(part, own), own, [.. Files(published, part).Order(StringComparer.Ordinal)]),
        ];

        bool RefersToMidflight(Dependency dependency) => Own(dependency).Any(assembly => assembly.References.Contains("Midflight"));

        IEnumerable<AssemblyFile> Own(Dependency dependency) =>
            dependency.Files.Where(assemblies.ContainsKey).Select(file => assemblies[file]);

        ApplicationSpec Spec(ApplicationParts part, ImmutableArray<AssemblyFile> own)
        {
            var words = AssemblyWords.Read(Path.Combine(published.Folder, part.Project.Name + ".dll"));
            var start = own.Select(assembly => code.StartModule(assembly.Name)).OfType<string>().FirstOrDefault();
            var uses = part.Uses.Select(used => names[used]).ToArray();
            var includes = Includes(part.Project.Name, words, uses);
            return new(names[part.Project.Name], own[0].Version)
            {
                Description = own[0].Description,
                Modules =
                [
                    .. own.SelectMany(assembly => code.Modules(assembly.Name)).Select(module => new ModuleSpec(module.Name, module.Vsn)),
                ],
                Applications = [.. uses.Except(includes)],
                IncludedApplications = includes,
                StartPhases = words.ContainsKey("MidflightStartPhases") ? [.. List(words, "MidflightStartPhases").Select(phase => new StartPhase(phase, s_null))] : null,
                Mod = start is null ? null : new StartModule(start, s_null),
                Keep = Keep(part.Project.Name, words),
            };
        }
    }

    // Midflight itself, and each package that the node has in the same version or a later one.
    private static bool IsShared(Published published, Dependency dependency)
    {
        string[] files = [.. dependency.Files.Where(file => file.EndsWith(".dll", StringComparison.Ordinal))];
        return files.Length > 0 && files.All(file =>
            NodeRuntime.Has(Path.GetFileNameWithoutExtension(file)) is { } here
            && AssemblyName.GetAssemblyName(Path.Combine(published.Folder, file)).Version is { } wanted && wanted <= here);
    }

    private static string NameOf(Published published, Dependency project)
    {
        var words = AssemblyWords.Read(Path.Combine(published.Folder, project.Name + ".dll"));
        var name = words.GetValueOrDefault("MidflightName") ?? project.Name.ToLowerInvariant();
        return name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '_' or '-' or '.')
            && char.IsAsciiLetterLower(name[0]) && name != "midflight"
                ? name
                : throw new Failure(
                    $"\"{name}\" cannot be the name of an application: it is made of lower-case letters, digits, '_', '-' and '.', " +
                    $"and is not midflight. Write <MidflightName> into the project file of {project.Name}.");
    }

    private static ImmutableArray<string> Includes(string project, ImmutableDictionary<string, string> words, string[] uses)
    {
        var includes = List(words, "MidflightIncludes");
        return includes.Except(uses).FirstOrDefault() is { } other
            ? throw new Failure(
                $"<MidflightIncludes> of {project} names \"{other}\", which is no application that it refers to{(uses.Length == 0 ? "" : $"; those are {string.Join(", ", uses)}")}. Refer to its project, or take the name out.")
            : [.. includes];
    }

    private static string[] List(ImmutableDictionary<string, string> words, string word) =>
        words.GetValueOrDefault(word)?.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static KeepMode Keep(string project, ImmutableDictionary<string, string> words) =>
        words.GetValueOrDefault("MidflightKeep") switch
        {
            null or "Unloadable" => KeepMode.Unloadable,
            "Retained" => KeepMode.Retained,
            var other => throw new Failure($"<MidflightKeep> of {project} is \"{other}\". It can be Unloadable or Retained."),
        };

    private static IEnumerable<string> Files(Published published, ApplicationParts part) =>
        from dependency in part.Own.Concat(part.Packages)
        from file in dependency.Files.SelectMany(file => (string[])[file, Path.ChangeExtension(file, ".pdb")]).Distinct()
        where File.Exists(Path.Combine(published.Folder, file))
        select file;
}
