namespace Midflight.Host;

/// <summary>From the running versions to versions that have been prepared beside them.</summary>
internal sealed class PreparedFlip(CodeServer code, PreparedVersions prepared) : CodeFlip
{
    private readonly Stack<PreparedVersions> _flipped = new();

    internal override IReadOnlyCollection<string> Changed { get; } =
        [.. prepared.All.Where(pair => pair.Replaced is not null).Select(pair => pair.Version.Image.Name)];

    internal override IReadOnlyCollection<string> Added { get; } =
        [.. prepared.All.Where(pair => pair.Replaced is null).Select(pair => pair.Version.Image.Name)];

    internal override CodeVersion? Target(string application) => prepared.Find(application)?.Version;

    internal override CodeVersion? Source(string application) =>
        prepared.All.FirstOrDefault(pair => pair.Version.Image.Name == application)?.Replaced?.Version;

    internal override string? ApplicationOf(string module) =>
        prepared.All.FirstOrDefault(pair => pair.Version.Version.FindType(module) is not null || pair.Replaced?.Version.FindType(module) is not null)
            ?.Version.Image.Name
        ?? code.Which().FirstOrDefault(application => application.Current?.Version.FindType(module) is not null)?.Hot.Name;

    internal override string VsnOf(string module, bool isDown)
    {
        var application = ApplicationOf(module);
        var pair = prepared.All.FirstOrDefault(pair => pair.Version.Image.Name == application);
        return (isDown ? pair?.Version : pair?.Replaced)?.Vsn(module) ?? "undefined";
    }

    internal override IReadOnlyCollection<string> Along(IReadOnlyCollection<string> applications)
    {
        var going = WithUsed([.. applications]);
        return going.Overlaps(Changed) ? WithUsed([.. going, .. Changed]) : going;
    }

    // A version binds to the new versions of those it uses, so these become current with it. The used ones come first.
    private HashSet<string> WithUsed(HashSet<string> going)
    {
        foreach (var version in prepared.Versions.Reverse().Where(version => going.Contains(version.Image.Name)))
        {
            going.UnionWith(version.Version.Uses.Select(used => used.Application.Name).Where(name => prepared.Find(name) is not null));
        }

        return going;
    }

    internal override void Flip(IReadOnlyCollection<string> applications)
    {
        var going = Along(applications).ToHashSet();
        going.ExceptWith(_flipped.SelectMany(done => done.Versions).Select(version => version.Image.Name));

        if (going.Count == 0)
        {
            return;
        }

        var part = Part(going);

        if (code.Flip(part) is { } refusal)
        {
            throw new SwitchFailedException(refusal.ToString());
        }

        _flipped.Push(part);
    }

    internal override void FlipBack()
    {
        while (_flipped.TryPop(out var part))
        {
            code.Unflip(part);
        }
    }

    private PreparedVersions Part(HashSet<string> applications) =>
        new([.. prepared.All.Where(pair => applications.Contains(pair.Version.Image.Name))]);
}

/// <summary>Back from versions that were flipped to those that they replaced and that are still loaded: for a rollback.</summary>
internal sealed class ReturnFlip(CodeServer code, PreparedVersions flipped, PreparedFlip forward) : CodeFlip
{
    internal override IReadOnlyCollection<string> Changed { get; } =
        [.. flipped.All.Where(pair => pair.Replaced is not null).Select(pair => pair.Version.Image.Name)];

    internal override IReadOnlyCollection<string> Added => [];

    internal override CodeVersion? Target(string application) => forward.Source(application);

    internal override CodeVersion? Source(string application) => forward.Target(application);

    internal override string? ApplicationOf(string module) => forward.ApplicationOf(module);

    // This goes back on the upward path of the downgrade: the vsn to go to is the one that was left before.
    internal override string VsnOf(string module, bool isDown) => forward.VsnOf(module, !isDown);

    /// <summary>Whether the versions to go back to are current.</summary>
    internal bool IsFlipped { get; private set; }

    internal override IReadOnlyCollection<string> Along(IReadOnlyCollection<string> applications) => [.. applications.Union(Changed)];

    internal override void Flip(IReadOnlyCollection<string> applications)
    {
        if (!IsFlipped)
        {
            code.Unflip(flipped);
            IsFlipped = true;
        }
    }

    internal override void FlipBack()
    {
        if (IsFlipped)
        {
            throw new InvalidOperationException("What was flipped back cannot be flipped forth: the versions are prepared no more.");
        }
    }
}
