using System.Collections.Immutable;

namespace Midflight.Releases.Builds;

/// <summary>The projects that hot code and its host program share: <c>&lt;MidflightShared Include="…"/&gt;</c>.</summary>
/// <remarks>
/// Their types are the same in every code version, so a message created by the program is one for the hot code. Only a
/// restart changes them. Whatever such a project refers to is shared too, because its types are built from that.
/// </remarks>
internal static class SharedProjects
{
    private const string Word = "MidflightShared";

    /// <summary>The names of their assemblies.</summary>
    /// <exception cref="BuildRefusedException">A project is named that this one does not refer to, or that cannot be shared.</exception>
    public static ImmutableHashSet<string> Read(Published published, ImmutableArray<Dependency> all)
    {
        var projects = all.Where(dependency => dependency.IsProject).ToDictionary(dependency => dependency.Name);
        var named = from project in projects.Values
                    where File.Exists(Path.Combine(published.Folder, project.Name + ".dll"))
                    from name in AssemblyWords.List(AssemblyWords.Read(Path.Combine(published.Folder, project.Name + ".dll")), Word)
                    select (project, name);
        var shared = ImmutableHashSet.CreateBuilder<string>();

        foreach (var (project, name) in named)
        {
            if (!projects.ContainsKey(name) || name == project.Name)
            {
                throw new BuildRefusedException(
                    $"<{Word}> of {project.Name} names \"{name}\", which is not a project that it refers to. Give the path of a project as in <ProjectReference>, or the name of its assembly.");
            }

            Add(name);
        }

        return shared.Contains(published.AssemblyName)
            ? throw new BuildRefusedException($"<{Word}> shares {published.AssemblyName}, from which the release is built, so nothing hot would be left. Remove it.")
            : shared.ToImmutable();

        void Add(string name)
        {
            if (projects.TryGetValue(name, out var project) && shared.Add(name))
            {
                foreach (var next in project.Dependencies)
                {
                    Add(next);
                }
            }
        }
    }
}
