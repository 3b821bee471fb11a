using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Makes one relup.</summary>
internal sealed class RelupRun
{
    private readonly IApplicationLibrary _library;
    private readonly RelupOptions _options;
    private readonly Release _top;
    private readonly List<RelupWarning> _warnings = [];

    public RelupRun(RelupBase release, IApplicationLibrary library, RelupOptions options)
    {
        (_library, _options) = (library, options);
        _top = Resolve(release);
    }

    public RelupOutcome Generate(IEnumerable<RelupBase> up, IEnumerable<RelupBase> down)
    {
        var relup = new Relup(
            _top.Spec.Version,
            [.. up.Select(release => Generate(ChangeMode.Up, release)).Reverse()],
            [.. down.Select(release => Generate(ChangeMode.Down, release)).Reverse()]);

        // The last warning comes first, as in OTP.
        ImmutableArray<RelupWarning> warnings = [.. _warnings.AsEnumerable().Reverse()];
        return _options.WarningsAsErrors && !warnings.IsEmpty
            ? new RelupOutcome.Refused(new RelupProblem.Warned(warnings))
            : new RelupOutcome.Generated(relup, warnings);
    }

    private RelupScript Generate(ChangeMode direction, RelupBase other)
    {
        var bottom = Resolve(other);
        var (from, to) = direction == ChangeMode.Up ? (bottom, _top) : (_top, bottom);

        // Each appup is a script of its own until they are merged.
        var added = Listed(to).Where(listed => !Lists(from, listed.Name)).ToLookup(
            listed => _options.ByUse && UsesChanged(listed.Name, from, to),
            listed => ImmutableArray.Create<Instruction>(new HighLevel.AddApplication(listed.Name, listed.Type)));
        List<ImmutableArray<Instruction>> scripts =
        [
            .. added[false],
            .. _top.Applications.SelectMany(application => Script(direction, application.Spec, application.Folder, bottom)),
            .. added[true],
            .. (_options.ByUse ? Listed(from).Reverse() : Listed(from)).Where(listed => !Lists(to, listed.Name)).Select(listed =>
                ImmutableArray.Create<Instruction>(new HighLevel.RemoveApplication(listed.Name))),
        ];
        AddRestarts(scripts, bottom);

        var ties = _options.Ties.GetValueOrDefault((direction, bottom.Spec.Version), []);
        return ScriptTranslator.Translate(direction, scripts, to.Applications, from.Applications, ties) switch
        {
            ScriptOutcome.Translated(var script) =>
                new RelupScript(bottom.Spec.Version, other.Description, direction == ChangeMode.Up ? RestartLast(script, bottom) : script),
            ScriptOutcome.Refused(var problem) =>
                throw new RelupRefusedException(new RelupProblem.InScript(other.Name, direction, problem)),
            var outcome => throw new InvalidOperationException($"No script in {outcome}."),
        };
    }

    private Release Resolve(RelupBase release)
    {
        var resolved = ReleaseResolver.Resolve(release.Release, _library, _options.Rules) switch
        {
            ReleaseOutcome.Resolved(var found, _) => found,
            ReleaseOutcome.Refused(var problem) =>
                throw new RelupRefusedException(new RelupProblem.InRelease(release.Name, problem)),
            var outcome => throw new InvalidOperationException($"No release in {outcome}."),
        };
        return _options.Rules.Upgrader is not { } upgrader || Lists(resolved, upgrader)
            ? resolved
            : throw new RelupRefusedException(new RelupProblem.NoUpgrader(resolved.Spec.Name, resolved.Spec.Version, upgrader));
    }

    // The applications of a resolved release come after those that they use.
    private IEnumerable<(string Name, StartType Type)> Listed(Release release) => _options.ByUse
        ? release.Applications.Select(application => (application.Spec.Name, application.Type))
        : release.Spec.Applications.Select(listed => (listed.Name, listed.Type));

    // Directly or through others: if so, it starts when they have changed.
    private static bool UsesChanged(string application, Release from, Release to) =>
        to.Find(application) is { Spec: var spec } && spec.Applications.Concat(spec.IncludedApplications).Any(used =>
            (from.Find(used)?.Spec.Version is { } version && version != to.Find(used)?.Spec.Version) || UsesChanged(used, from, to));

    private static bool Lists(Release release, string name) =>
        release.Spec.Applications.Any(application => application.Name == name);

    // The appup is always that of the new release, even if the other release has the higher version.
    private ImmutableArray<Instruction>[] Script(ChangeMode direction, ApplicationSpec application, string folder, Release bottom)
    {
        var other = bottom.Spec.Applications.FirstOrDefault(listed => listed.Name == application.Name)?.Version;
        if (other is null || other == application.Version)
        {
            return [];
        }

        if (!_library.ReadAppup(folder, application.Name).Succeeded(out var appup, out var error))
        {
            throw new RelupRefusedException(new RelupProblem.AppupUnreadable(application.Name, error));
        }

        if (appup.Version != application.Version)
        {
            _warnings.Add(new RelupWarning.AppupForOtherVersion(application.Name, appup.Version, application.Version));
        }

        var entries = direction == ChangeMode.Up ? appup.Up : appup.Down;
        if (entries.FirstOrDefault(entry => Matches(application.Name, entry.From, other)) is { } match)
        {
            return [match.Instructions];
        }

        var mistakes = entries.Select(entry => entry.From).OfType<AppupVersion.Malformed>().Select(malformed => malformed.Error);
        throw new RelupRefusedException(
            new RelupProblem.NoEntry(application.Name, application.Version, other, direction, [.. mistakes]));
    }

    private static bool Matches(string application, AppupVersion entry, string version)
    {
        try
        {
            return AppupMatch.Matches(entry, version);
        }
        catch (ArgumentException bad)
        {
            // The regular expression is invalid, which only shows when it is tried.
            var expression = entry is AppupVersion.Pattern(var written) ? written : "";
            throw new RelupRefusedException(new RelupProblem.BadPattern(application, expression, bad.Message));
        }
    }

    private void AddRestarts(List<ImmutableArray<Instruction>> scripts, Release bottom)
    {
        if (_top.Spec.Runtime != bottom.Spec.Runtime)
        {
            scripts.Insert(0, [new LowLevel.RestartNewEmulator()]);
            _warnings.Add(new RelupWarning.RuntimeChanged(
                _top.Spec.Name, _top.Spec.Runtime, bottom.Spec.Name, bottom.Spec.Runtime));
        }

        if (_options.RestartEmulator)
        {
            scripts.Add([new LowLevel.RestartEmulator()]);
        }
    }

    // If the node's upgrader cannot continue after a restart, the restart comes last.
    private ImmutableArray<LowLevel> RestartLast(ImmutableArray<LowLevel> script, Release bottom)
    {
        if (script is not [LowLevel.RestartNewEmulator restart, ..]
            || _options.Rules is not { Upgrader: { } upgrader, UpgraderRestartsFirstSince: { } since }
            || string.CompareOrdinal(bottom.Find(upgrader)?.Spec.Version, since) >= 0)
        {
            return script;
        }

        _warnings.Add(new RelupWarning.RestartsLast());
        return [.. script.Skip(1).Where(instruction => instruction is not LowLevel.RestartEmulator), restart];
    }
}
