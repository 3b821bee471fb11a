using System.Reflection;
using System.Runtime.Loader;
using Midflight.Host;

namespace Midflight.Histories;

/// <summary>Two versions of a package, loaded as two code versions of one application beside each other.</summary>
internal sealed class StepVersions
{
    private readonly HotApplication _application = new("package");
    private readonly Libraries _libraries;

    public StepVersions(Step step)
    {
        Step = step;
        _libraries = new(step.Libraries);
        (Old, Now) = (Load(step.OldFiles, 1, step.Old), Load(step.NowFiles, 2, step.Now));
        (_application.Old, _application.Current) = (Old, Now);
        Up = new(Now);
        Now.Incoming = Up;
    }

    public Step Step { get; }

    public CodeVersion Old { get; }

    public CodeVersion Now { get; }

    public CodeConversion Up { get; }

    private CodeVersion Load(string[] files, int number, string release)
    {
        var version = new CodeVersion(_application, number, release);
        var context = new Own(files, _libraries);
        version.Fill([.. files.Select(file => context.LoadFromAssemblyPath(file))], []);
        return version;
    }

    private sealed class Own(string[] files, Libraries libraries) : AssemblyLoadContext
    {
        protected override Assembly? Load(AssemblyName name) =>
            files.FirstOrDefault(file => Path.GetFileNameWithoutExtension(file) == name.Name) is { } own ? LoadFromAssemblyPath(own) : libraries.LoadFromAssemblyName(name);
    }

    private sealed class Libraries(string[] files) : AssemblyLoadContext
    {
        // What the node has is taken from there.
        protected override Assembly? Load(AssemblyName name)
        {
            try
            {
                return Default.LoadFromAssemblyName(new AssemblyName(name.Name!));
            }
            catch (FileNotFoundException)
            {
                return files.FirstOrDefault(file => Path.GetFileNameWithoutExtension(file) == name.Name) is { } file ? LoadFromAssemblyPath(file) : null;
            }
        }
    }
}
