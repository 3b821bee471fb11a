using System.Collections.Immutable;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Reads an application from its folder <c>lib/NAME-VERSION</c>.</summary>
internal static class ApplicationFolder
{
    /// <summary>Everything that a node loads for an application.</summary>
    /// <param name="folder">The folder with its assemblies.</param>
    /// <param name="spec">What its <c>NAME.app.json</c> says.</param>
    /// <remarks>
    /// The hot assemblies are the one with the application's name and those that define one of its modules. All
    /// others are packages.
    /// </remarks>
    /// <exception cref="FileNotFoundException">No assembly in the folder belongs to the application itself.</exception>
    internal static ApplicationImage Read(string folder, ApplicationSpec spec)
    {
        var modules = spec.Modules.Select(module => module.Name).ToHashSet();
        var own = ImmutableArray.CreateBuilder<AssemblyImage>();
        var libraries = ImmutableArray.CreateBuilder<AssemblyImage>();

        var files = Directory.GetFiles(folder, "*.dll");
        Array.Sort(files, StringComparer.Ordinal);

        foreach (var file in files)
        {
            if (TryRead(file) is not { } assembly)
            {
                continue;
            }

            var isOwn = string.Equals(assembly.Name, spec.Name, StringComparison.OrdinalIgnoreCase)
                || assembly.TopLevelTypes().Any(modules.Contains);
            (isOwn ? own : libraries).Add(assembly);
        }

        if (own.Count == 0 && modules.Count > 0)
        {
            throw new FileNotFoundException(
                $"{folder} holds no assembly with modules of {spec.Name} {spec.Version}. Unpack the release again, or build it with `midflight release`.");
        }

        var vsns = new Dictionary<string, string>();

        foreach (var module in spec.Modules)
        {
            if (module.Vsn is { } vsn)
            {
                vsns.Add(module.Name, vsn);
            }
        }

        return new(spec.Name, spec.Version, own.ToImmutable())
        {
            Libraries = libraries.ToImmutable(),
            Keep = spec.Keep,
            Vsns = vsns,
            Folder = folder,
        };
    }

    private static AssemblyImage? TryRead(string file)
    {
        try
        {
            return AssemblyImage.Read(file);
        }
        // A native library that a package brings.
        catch (BadImageFormatException)
        {
            return null;
        }
    }
}
