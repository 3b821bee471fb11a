using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>A code version with what the code server keeps of it.</summary>
/// <param name="version">The code version.</param>
/// <param name="image">What it was loaded from.</param>
/// <param name="context">Where its assemblies are.</param>
/// <param name="reached">The assemblies of other hot applications that its references are bound to.</param>
internal sealed class LoadedVersion(CodeVersion version, ApplicationImage image, CodeContext context, ImmutableArray<AssemblyImage> reached)
{
    // Worked out when it is first asked for: a release says the vsns of its modules.
    private readonly Lazy<ImmutableDictionary<string, string>> _vsns = new(() => Hashed(image, reached));

    internal CodeVersion Version { get; } = version;

    /// <summary>What it was loaded from: it is loaded again when something that it refers to changes.</summary>
    internal ApplicationImage Image { get; } = image;

    /// <summary>Null once it is unloaded: who still holds this object then does not hold the code.</summary>
    internal CodeContext? Context { get; private set; } = context;

    internal KeepMode Keep => Image.Keep;

    internal ImmutableArray<AssemblyImage> Reached { get; } = reached;

    /// <summary>The vsn of a module: that of the release, else what its attribute says, else the hash of all hot code that it reaches.</summary>
    /// <returns>Null if this version has no such module.</returns>
    internal string? Vsn(string module) => Image.Vsns.GetValueOrDefault(module) ?? _vsns.Value.GetValueOrDefault(module);

    private static ImmutableDictionary<string, string> Hashed(ApplicationImage image, ImmutableArray<AssemblyImage> reached)
    {
        var own = image.Assemblies.Select(Read).ToImmutableArray();
        var code = new CodeSet(own.Concat(reached.Select(Read)));
        return own.SelectMany(assembly => code.Modules(assembly.Name)).DistinctBy(module => module.Name)
            .ToImmutableDictionary(module => module.Name, module => module.Vsn);
    }

    /// <summary>Modules whose file is now another than that which this was loaded from.</summary>
    internal IEnumerable<string> Modified()
    {
        if (Image.Folder is not { } folder)
        {
            return [];
        }

        var files = Image.Assemblies.Select(assembly => (Loaded: assembly, Path: Path.Combine(folder, assembly.Name + ".dll")))
            .Select(one => File.Exists(one.Path) ? AssemblyImage.Read(one.Path) : one.Loaded).ToImmutableArray();

        if (files.Zip(Image.Assemblies).All(pair => pair.First.Id == pair.Second.Id))
        {
            return [];
        }

        // By the hash on both sides: what the release says of them is of no use for the files.
        var (now, loaded) = (Hashed(Image with { Assemblies = files }, Reached), _vsns.Value);
        return now.Keys.Where(module => !loaded.TryGetValue(module, out var vsn) || vsn != now[module]);
    }

    private static AssemblyFile Read(AssemblyImage image) => AssemblyFile.Read(ImmutableCollectionsMarshal.AsImmutableArray(image.Bytes));

    /// <summary>The public types by which the application is known: behaviours, and classes of process functions.</summary>
    internal IEnumerable<Type> Modules => Version.Assemblies.SelectMany(assembly => assembly.GetTypes())
        .Where(type => type is { IsNested: false, IsClass: true } && (type.IsPublic || typeof(Behaviour).IsAssignableFrom(type)));

    /// <summary>Drops all that the node holds of the code.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal PurgedVersion Unload()
    {
        var context = Context ?? throw new InvalidOperationException($"{this} is already unloaded.");
        Version.Unload();
        context.Unbind();

        Context = null;
        return new PurgedVersion(
            ToString(), Keep, new WeakReference(context, trackResurrection: true), context.IsCollectible ? HeldContext.Take(context) : null);
    }

    /// <inheritdoc/>
    public override string ToString() => Version.ToString();
}

/// <summary>A hot application with the images and contexts of its versions.</summary>
internal sealed class LoadedApplication(string name)
{
    internal HotApplication Hot { get; } = new(name);

    internal LoadedVersion? Current { get; set; }

    internal LoadedVersion? Old { get; set; }

    /// <summary>Number of the version that was prepared last.</summary>
    internal int LastNumber { get; set; }
}
