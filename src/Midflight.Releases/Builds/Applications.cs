using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;

namespace Midflight.Releases.Builds;

/// <summary>Reads the applications from the build results; none of their code is loaded or run.</summary>
internal static class Applications
{
    private static readonly JsonElement s_null = JsonSerializer.SerializeToElement<object?>(null);

    /// <summary>Divides the build results into applications.</summary>
    /// <param name="published">The build results.</param>
    /// <param name="nodeHas">The node's version of an assembly; null if it has none with that name.</param>
    /// <exception cref="BuildRefusedException">The project is not an application, or names something that does not exist.</exception>
    public static BuiltApplications Read(Published published, Func<string, Version?> nodeHas)
    {
        var all = Reached(published.AssemblyName, DependencyFile.Read(published.DependencyFile));
        var assemblies = all.Where(dependency => dependency.IsProject)
            .SelectMany(dependency => dependency.Files)
            .Where(file => file.EndsWith(".dll", StringComparison.Ordinal) && !file.Contains('/', StringComparison.Ordinal))
            .Distinct()
            .ToDictionary(file => file, file => AssemblyFile.Read(Path.Combine(published.Folder, file)));
        CheckMidflight(published, nodeHas);
        var shared = SharedProjects.Read(published, all);
        var parts = ApplicationParts.Divide(
            published.AssemblyName, all, dependency => NodeHas(published, dependency, nodeHas), RefersToMidflight, shared);
        if (!RefersToMidflight(parts.First(part => part.Project.Name == published.AssemblyName).Project))
        {
            throw new BuildRefusedException(
                $"{published.AssemblyName} does not refer to Midflight, so it contains nothing that a node could run. " +
                "Add a reference to Midflight and a class that derives from Application.");
        }

        var sharedHere = all.Where(dependency => shared.Contains(dependency.Name) && !NodeHas(published, dependency, nodeHas)).ToImmutableArray();
        CheckShared(new CodeSet(sharedHere.SelectMany(Own)), sharedHere.SelectMany(Own));
        var names = parts.ToDictionary(part => part.Project.Name, part => NameOf(published, part.Project));
        var code = new CodeSet(parts.SelectMany(part => part.Own).SelectMany(Own));
        return new(
            [
                .. from part in parts
                   orderby part.Project.Name != published.AssemblyName
                   let own = part.Own.SelectMany(Own).ToImmutableArray()
                   select new BuiltApplication(Spec(part, own), own, [.. Files(published, part).Order(StringComparer.Ordinal)]),
            ],
            [.. parts.SelectMany(part => ProjectWay.Of(part, published.AssemblyName, names)), .. sharedHere.Select(ProjectWay.Shared)]);

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
                StartPhases = words.ContainsKey("MidflightStartPhases") ? [.. AssemblyWords.List(words, "MidflightStartPhases").Select(phase => new StartPhase(phase, s_null))] : null,
                Mod = start is null ? null : new StartModule(start, s_null),
                Keep = Keep(part.Project.Name, words),
                Together = Together(part.Project.Name, words),
            };
        }
    }

    // What the project itself reaches; the file may belong to a program that refers to it.
    private static ImmutableArray<Dependency> Reached(string project, ImmutableArray<Dependency> all)
    {
        var known = all.ToDictionary(dependency => dependency.Name);
        var reached = new HashSet<string>();
        var open = new Stack<string>([project]);

        while (open.TryPop(out var name))
        {
            if (known.TryGetValue(name, out var dependency) && reached.Add(name))
            {
                foreach (var next in dependency.Dependencies)
                {
                    open.Push(next);
                }
            }
        }

        return [.. all.Where(dependency => reached.Contains(dependency.Name))];
    }

    private static void CheckShared(CodeSet code, IEnumerable<AssemblyFile> shared)
    {
        foreach (var assembly in shared)
        {
            if (code.Modules(assembly.Name).FirstOrDefault(module => module.Kind is not (ModuleKind.Other or ModuleKind.Functions)) is { } module)
            {
                throw new BuildRefusedException(
                    $"<MidflightShared> shares {assembly.Name}, but processes run {module.Name} in it, and its code could not be upgraded. Move it to a project that is not shared.");
            }
        }
    }

    // A node runs code that was compiled against its own version of Midflight, or against an earlier one with the same major number.
    private static void CheckMidflight(Published published, Func<string, Version?> nodeHas)
    {
        var file = Path.Combine(published.Folder, "Midflight.dll");

        if (File.Exists(file) && AssemblyName.GetAssemblyName(file).Version is { } wanted && nodeHas("Midflight") is { } here
            && (wanted > here || wanted.Major != here.Major))
        {
            throw new BuildRefusedException(
                $"{published.AssemblyName} refers to Midflight {wanted.ToString(3)}, but this `midflight` builds nodes of {here.ToString(3)}. " +
                $"Use version {wanted.ToString(3)} of both: `dotnet tool update Midflight.Tool --version {wanted.ToString(3)}`, or change the reference.");
        }
    }

    // Midflight itself, and each package that the node has in the same or a later version. The build of a library leaves packages out.
    private static bool NodeHas(Published published, Dependency dependency, Func<string, Version?> nodeHas)
    {
        string[] files = [.. dependency.Files.Where(file => file.EndsWith(".dll", StringComparison.Ordinal))];
        return files.Length > 0 && files.All(file =>
            nodeHas(Path.GetFileNameWithoutExtension(file)) is { } here
            && (Path.Combine(published.Folder, file) is var own && !File.Exists(own) || AssemblyName.GetAssemblyName(own).Version is { } wanted && wanted <= here));
    }

    private static string NameOf(Published published, Dependency project)
    {
        var words = AssemblyWords.Read(Path.Combine(published.Folder, project.Name + ".dll"));
        var name = words.GetValueOrDefault("MidflightName") ?? project.Name.ToLowerInvariant();
        return name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '_' or '-' or '.')
            && char.IsAsciiLetterLower(name[0]) && name != "midflight"
                ? name
                : throw new BuildRefusedException(
                    $"\"{name}\" cannot be the name of an application: such a name consists of lower-case letters, digits, '_', '-' and '.', " +
                    $"and is not midflight. Write <MidflightName> into the project file of {project.Name}.");
    }

    private static ImmutableArray<string> Includes(string project, ImmutableDictionary<string, string> words, string[] uses)
    {
        var includes = AssemblyWords.List(words, "MidflightIncludes");
        return includes.Except(uses).FirstOrDefault() is { } other
            ? throw new BuildRefusedException(
                $"<MidflightIncludes> of {project} names \"{other}\", which is not an application that it refers to{(uses.Length == 0 ? "" : $"; those are {string.Join(", ", uses)}")}. Refer to its project, or remove the name.")
            : [.. includes];
    }

    private static KeepMode Keep(string project, ImmutableDictionary<string, string> words) =>
        words.GetValueOrDefault("MidflightKeep") switch
        {
            null or "Unloadable" => KeepMode.Unloadable,
            "Retained" => KeepMode.Retained,
            var other => throw new BuildRefusedException($"<MidflightKeep> of {project} is \"{other}\". It can be Unloadable or Retained."),
        };

    private static bool Together(string project, ImmutableDictionary<string, string> words) =>
        words.GetValueOrDefault("MidflightTogether") is { } word && (bool.TryParse(word, out var together)
            ? together
            : throw new BuildRefusedException($"<MidflightTogether> of {project} is \"{word}\". It can be true or false."));

    private static IEnumerable<string> Files(Published published, ApplicationParts part) =>
        from dependency in part.Own.Concat(part.Packages)
        from file in dependency.Files.SelectMany(file => (string[])[file, Path.ChangeExtension(file, ".pdb")]).Distinct()
        where File.Exists(Path.Combine(published.Folder, file))
        select file;
}
