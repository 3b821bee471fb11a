using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;

namespace Midflight.Cli.Development;

/// <summary>A project with all projects that it refers to, each with a compiler in memory, in compilation order.</summary>
internal sealed class WarmSolution
{
    private readonly ImmutableArray<WarmProject> _projects;
    private readonly string _output;

    // Projects whose sources have changed and that have not been compiled since.
    private readonly HashSet<string> _stale = [];

    private WarmSolution(ImmutableArray<WarmProject> projects, string output) => (_projects, _output) = (projects, output);

    /// <summary>The projects.</summary>
    public ImmutableArray<WarmProject> Projects => _projects;

    /// <summary>Reads the recorded compiler arguments, and compiles everything once: so the compiler is in memory, and all code comes from one compiler.</summary>
    /// <param name="inputs">A folder with a file for each project.</param>
    /// <param name="output">The folder of the assemblies, which are also written there.</param>
    /// <exception cref="Failure">Something does not compile.</exception>
    public static WarmSolution Read(string inputs, string output)
    {
        var all = Directory.EnumerateFiles(inputs, "*.args").AsParallel().Select(WarmProject.Read).ToDictionary(project => project.Name);
        var solution = new WarmSolution([.. Ordered(all)], output);
        solution._stale.UnionWith(all.Keys);
        return solution.Compile() is { Length: > 0 } errors ? throw new Failure(string.Join(Environment.NewLine, errors)) : solution;
    }

    /// <summary>Reads sources again that may have changed.</summary>
    /// <returns>Whether there is something to compile.</returns>
    public bool Read(IReadOnlySet<string> files)
    {
        _stale.UnionWith(_projects.Where(project => project.Read(files)).Select(project => project.Name));
        return _stale.Count > 0;
    }

    /// <summary>Compiles what has changed, with everything that depends on the change, and writes the assemblies.</summary>
    /// <returns>The errors, one per line; if there are any, nothing is written.</returns>
    public ImmutableArray<string> Compile()
    {
        var written = new List<(WarmProject Project, Compiled Compiled)>();

        // The result of one project may make a later one stale, so each is checked in its turn.
        foreach (var project in _projects.Where(project => _stale.Contains(project.Name)))
        {
            var compiled = project.Compile();

            if (compiled.Image is null)
            {
                return [.. compiled.Errors.Select(error => CSharpDiagnosticFormatter.Instance.Format(error, CultureInfo.InvariantCulture)).Distinct()];
            }

            written.Add((project, compiled));

            foreach (var user in compiled.SurfaceChanged ? _projects.Where(user => user.References.Contains(project.Name)) : [])
            {
                user.Refer(project);
                _stale.Add(user.Name);
            }
        }

        foreach (var (project, compiled) in written)
        {
            File.WriteAllBytes(Path.Combine(_output, project.Name + ".dll"), compiled.Image!);
            File.WriteAllBytes(Path.Combine(_output, project.Name + ".pdb"), compiled.Symbols!);
            _stale.Remove(project.Name);
        }

        return [];
    }

    // Each after those that it refers to.
    private static IEnumerable<WarmProject> Ordered(Dictionary<string, WarmProject> all)
    {
        var done = new HashSet<string>();
        return all.Keys.Order(StringComparer.Ordinal).SelectMany(Visit);

        IEnumerable<WarmProject> Visit(string name) => done.Add(name) ? [.. all[name].References.Where(all.ContainsKey).SelectMany(Visit), all[name]] : [];
    }
}
