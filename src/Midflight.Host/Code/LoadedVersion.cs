using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>A code version with what the code server keeps about it.</summary>
/// <param name="version">The code version.</param>
/// <param name="image">The image it was loaded from.</param>
/// <param name="context">The context with its assemblies.</param>
/// <param name="reached">The assemblies of other hot applications that its references are bound to.</param>
internal sealed class LoadedVersion(CodeVersion version, ApplicationImage image, CodeContext context, ImmutableArray<AssemblyImage> reached)
{
    // Computed on first use: normally a release states the vsns of its modules.
    private readonly Lazy<ImmutableDictionary<string, string>> _vsns = new(() => Hashed(image, reached));

    internal CodeVersion Version { get; } = version;

    /// <summary>The image it was loaded from. It is loaded again when something that it refers to changes.</summary>
    internal ApplicationImage Image { get; } = image;

    /// <summary>Null once it is unloaded, so that a reference to this object does not keep the code in memory.</summary>
    internal CodeContext? Context { get; private set; } = context;

    internal KeepMode Keep => Image.Keep;

    internal ImmutableArray<AssemblyImage> Reached { get; } = reached;

    /// <summary>The vsn of a module: from the release, or else from its attribute, or else the hash of all hot code that it reaches.</summary>
    /// <returns>Null if this version does not have the module.</returns>
    internal string? Vsn(string module) => Image.Vsns.GetValueOrDefault(module) ?? _vsns.Value.GetValueOrDefault(module);

    private static ImmutableDictionary<string, string> Hashed(ApplicationImage image, ImmutableArray<AssemblyImage> reached)
    {
        var own = image.Assemblies.Select(Read).ToImmutableArray();
        var code = new CodeSet(own.Concat(reached.Select(Read)));
        return own.SelectMany(assembly => code.Modules(assembly.Name)).DistinctBy(module => module.Name)
            .ToImmutableDictionary(module => module.Name, module => module.Vsn);
    }

    /// <summary>Modules whose file differs from the one that this version was loaded from.</summary>
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

        // Hashes on both sides: the vsns that the release states say nothing about the files.
        var (now, loaded) = (Hashed(Image with { Assemblies = files }, Reached), _vsns.Value);
        return now.Keys.Where(module => !loaded.TryGetValue(module, out var vsn) || vsn != now[module]);
    }

    private static AssemblyFile Read(AssemblyImage image) => AssemblyFile.Read(ImmutableCollectionsMarshal.AsImmutableArray(image.Bytes));

    /// <summary>The application's public types: behaviours, and classes of process functions.</summary>
    internal IEnumerable<Type> Modules => Version.Assemblies.SelectMany(assembly => assembly.GetTypes())
        .Where(type => type is { IsNested: false, IsClass: true } && (type.IsPublic || typeof(Behaviour).IsAssignableFrom(type)));

    /// <summary>Drops everything that the node holds of the code.</summary>
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

    /// <summary>Number of the last version that was prepared.</summary>
    internal int LastNumber { get; set; }
}
