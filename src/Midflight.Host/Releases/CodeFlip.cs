namespace Midflight.Host;

/// <summary>The code versions of a switch, and the one step that makes the target versions current.</summary>
internal abstract class CodeFlip
{
    /// <summary>The target version of an application; null if it does not change or is dropped.</summary>
    internal abstract CodeVersion? Target(string application);

    /// <summary>The module that a process moves to; null if that is gone, or if the process stays as it is.</summary>
    internal virtual Behaviour? ModuleFor(ServerBody body) =>
        body.Version is { } version && Target(version.Application.Name) is { } target && target.FindType(body.ModuleName) is { } type ? target.Modules.Get(type) : null;

    /// <summary>The source version of an application; null for one that is added.</summary>
    internal abstract CodeVersion? Source(string application);

    /// <summary>The applications that have a different code version on each side.</summary>
    internal abstract IReadOnlyCollection<string> Changed { get; }

    /// <summary>The applications that only the new side has.</summary>
    internal abstract IReadOnlyCollection<string> Added { get; }

    /// <summary>The application of a module on the target side, or else on the source side; null if it is on neither.</summary>
    internal abstract string? ApplicationOf(string module);

    /// <summary>The vsn for CodeChange: in an upgrade the old one, in a downgrade the one to go back to.</summary>
    internal abstract string VsnOf(string module, bool isDown);

    /// <summary>These applications, and those that become current with them.</summary>
    internal abstract IReadOnlyCollection<string> Along(IReadOnlyCollection<string> applications);

    /// <summary>Makes the versions of these applications current, all at once, with those that become current with them. What is already current stays so.</summary>
    internal abstract void Flip(IReadOnlyCollection<string> applications);

    /// <summary>Sets how processes move into the target versions, before these become current; null when that is undone.</summary>
    internal virtual void Try(Trial? trial)
    {
        foreach (var target in Changed.Select(Target).OfType<CodeVersion>())
        {
            target.Trial = trial;
        }
    }

    /// <summary>The code versions that processes leave.</summary>
    internal IReadOnlySet<CodeVersion> Sources => Changed.Select(Source).OfType<CodeVersion>().ToHashSet();

    /// <summary>The code versions that they move to.</summary>
    internal IReadOnlySet<CodeVersion> Targets => Changed.Concat(Added).Select(Target).OfType<CodeVersion>().ToHashSet();

    /// <summary>Makes the previously current versions current again.</summary>
    internal abstract void FlipBack();
}
