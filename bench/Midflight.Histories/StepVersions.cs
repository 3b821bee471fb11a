using System.Reflection;
using System.Runtime.Loader;
using Midflight.Host;
using Midflight.Releases;

namespace Midflight.Histories;

/// <summary>Two versions of a package, loaded as two code versions of one application beside each other.</summary>
/// <remarks>A library that both refer to in the same version is shared, and so is what the node has; any other one is loaded along with each.</remarks>
internal sealed class StepVersions
{
    private static readonly HashSet<string> s_node =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(file => Path.GetFileNameWithoutExtension(file))];

    private readonly HotApplication _application = new("package");
    private readonly Files _shared;

    public StepVersions(Step step)
    {
        Step = step;
        var both = step.OldLibraries.Intersect(step.NowLibraries).ToArray();
        _shared = new(both, null);
        Old = Load(step.OldFiles, [.. step.OldLibraries.Except(both).Where(IsNotOfTheNode)], 1, step.Old);
        Now = Load(step.NowFiles, [.. step.NowLibraries.Except(both).Where(IsNotOfTheNode)], 2, step.Now);
        (_application.Old, _application.Current) = (Old, Now);
        Up = new(Now);
        Now.Incoming = Up;
        Rules = new(LoadedShapes.Of(Old, null), LoadedShapes.Of(Now, null));
    }

    /// <summary>The rules from the older version to the newer one.</summary>
    public ShapeRules Rules { get; }

    /// <summary>What a type of the older version is in the newer one; null where that has no type of its name. A generator that counts its types may give the name to another one.</summary>
    public Type? NowOf(Type old) => Now.FindType(old.FullName!) is not { } same ? null
        : Rules.From.Find(old.FullName!) is { } shape && Rules.Namesake(shape) is { } namesake ? Now.FindType(namesake.Name) ?? same
        : same;

    public Step Step { get; }

    public CodeVersion Old { get; }

    public CodeVersion Now { get; }

    public CodeConversion Up { get; }

    /// <summary>The assemblies of the older version of the package, without what is loaded along with them.</summary>
    public IEnumerable<Assembly> Measured => Old.Assemblies.Take(Step.OldFiles.Length);

    private static bool IsNotOfTheNode(string file) => !s_node.Contains(Path.GetFileNameWithoutExtension(file));

    private CodeVersion Load(string[] files, string[] along, int number, string release)
    {
        var version = new CodeVersion(_application, number, release);
        var context = new Files([.. files, .. along], _shared);
        version.Fill([.. files.Concat(along).Select(file => context.LoadFromAssemblyPath(file))], []);
        return version;
    }

    private sealed class Files(string[] files, Files? shared) : AssemblyLoadContext
    {
        protected override Assembly? Load(AssemblyName name) => s_node.Contains(name.Name!) ? Default.LoadFromAssemblyName(new AssemblyName(name.Name!))
            : files.FirstOrDefault(file => Path.GetFileNameWithoutExtension(file) == name.Name) is { } file ? LoadFromAssemblyPath(file)
            : shared?.LoadFromAssemblyName(name);
    }
}
