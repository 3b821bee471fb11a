namespace Midflight.Host;

/// <summary>The code versions between which a switch goes, and the one step that makes the others current.</summary>
internal abstract class CodeFlip
{
    /// <summary>The version that an application goes to; null for one that does not change or is dropped.</summary>
    internal abstract CodeVersion? Target(string application);

    /// <summary>The module that a process goes to; null where that is gone, or it stays what it is.</summary>
    internal virtual Behaviour? ModuleFor(ServerBody body) =>
        body.Version is { } version && Target(version.Application.Name) is { } target && target.FindType(body.ModuleName) is { } type ? target.Modules.Get(type) : null;

    /// <summary>The version that an application comes from; null for one that is added.</summary>
    internal abstract CodeVersion? Source(string application);

    /// <summary>The applications that have another code version on each side.</summary>
    internal abstract IReadOnlyCollection<string> Changed { get; }

    /// <summary>The applications that only the new side has.</summary>
    internal abstract IReadOnlyCollection<string> Added { get; }

    /// <summary>The application of a module on the side gone to, or else on the side left; null if it is of neither.</summary>
    internal abstract string? ApplicationOf(string module);

    /// <summary>What CodeChange is told: going up the vsn left, going down the vsn gone to.</summary>
    internal abstract string VsnOf(string module, bool isDown);

    /// <summary>These applications, and those that become current with them.</summary>
    internal abstract IReadOnlyCollection<string> Along(IReadOnlyCollection<string> applications);

    /// <summary>Makes the versions of these applications current, all at once, with those that go along. What is current stays so.</summary>
    internal abstract void Flip(IReadOnlyCollection<string> applications);

    /// <summary>Says how processes come into the versions gone to, before these become current; null when that is taken back.</summary>
    internal virtual void Try(Trial? trial)
    {
        foreach (var target in Changed.Select(Target).OfType<CodeVersion>())
        {
            target.Trial = trial;
        }
    }

    /// <summary>The code versions that processes leave.</summary>
    internal IReadOnlySet<CodeVersion> Sources => Changed.Select(Source).OfType<CodeVersion>().ToHashSet();

    /// <summary>Those that they come to.</summary>
    internal IReadOnlySet<CodeVersion> Targets => Changed.Concat(Added).Select(Target).OfType<CodeVersion>().ToHashSet();

    /// <summary>Makes the versions that were current before current again.</summary>
    internal abstract void FlipBack();
}
