using System.Collections.Immutable;

namespace Midflight.Releases.Plans;

/// <summary>Compares two releases by metadata and says what an upgrade between them will do. Loads and runs no code.</summary>
/// <remarks>The same at build time, where a plan that is not hot fails the build, and on the node, from what really runs.</remarks>
public static class UpgradePlanner
{
    /// <summary>Plans the way from one release to another, and back.</summary>
    /// <remarks>
    /// What cannot be done in flight has the verdict <see cref="Verdict.RestartNeeded"/>, and where a restart can do it the scripts
    /// say so: <c>restart_new_emulator</c> for another .NET or Midflight, after which the rest is done in flight; <c>restart_emulator</c>
    /// alone for states that cannot be converted.
    /// </remarks>
    /// <param name="from">The release that is left, or would run.</param>
    /// <param name="to">The release that is gone to.</param>
    /// <param name="allowIncomplete">
    /// Whether an appup that a person wrote may leave out what has changed, or name what has not: then that is a note and
    /// no problem. Default: false.
    /// </param>
    /// <param name="together">
    /// Whether all processes of changed modules are suspended together and change before any continues. Default: false, only those are
    /// that have to be.
    /// </param>
    public static UpgradePlan Plan(ReleaseImage from, ReleaseImage to, bool allowIncomplete = false, bool together = false)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        var mistakes = new List<string>();

        if (from.Spec.Name != to.Spec.Name)
        {
            mistakes.Add($"release {to.Spec.Version} is of {to.Spec.Name}, not {from.Spec.Name}. Give both the same name.");
        }

        var written = to.Applications.ToDictionary(application => application, application => Beside(application, from));
        var up = new ApplicationDiff(from, to, BegunAnew(written, appup => appup.Up), together);
        var changes = up.Changes();
        string[] cold = [.. up.Refusals, .. new ApplicationDiff(to, from, BegunAnew(written, appup => appup.Down), together, isWayDown: true).Refusals.Select(refusal => $"on the way down, {refusal}")];
        mistakes.AddRange(up.Problems);

        string[] gaps = [.. written.SelectMany(pair => pair.Value is { } appup ? up.Coverage(pair.Key, appup) : [])];
        var notes = up.Notes.AddRange(allowIncomplete ? gaps : []);
        mistakes.AddRange(allowIncomplete ? [] : gaps);

        var appups = to.Applications
            .Select(application => (application.Spec.Name, Appup: written[application] ?? up.Appup(application)))
            .Where(entry => entry.Appup is not null)
            .ToImmutableSortedDictionary(entry => entry.Name, entry => entry.Appup!, StringComparer.Ordinal);

        Relup? relup = null;
        string[] runtime = [.. NewRuntime(from, to)];

        if (mistakes.Count == 0)
        {
            (relup, var problem) = cold.Length > 0 ? (RestartAlone(from, to), null) : Translate(from, to, appups);
            mistakes.AddRange(problem is null ? [] : [problem]);
        }

        string[] asked = [.. relup is not null && relup.Restarts && cold.Length == 0 && runtime.Length == 0 ? ["its appups restart the node. Remove the restart"] : Array.Empty<string>()];
        ImmutableArray<string> problems = [.. runtime.Concat(mistakes).Concat(cold).Concat(asked).Distinct()];
        var verdict = !problems.IsEmpty
            ? Verdict.RestartNeeded
            : changes.Any(change => change.Change is ChangeKind.ConvertByShape or ChangeKind.ConvertByHand) ? Verdict.HotWithConversion : Verdict.Hot;
        return new(from.Spec.Version, to.Spec.Version, verdict, changes, appups, relup, notes, problems) { Unproven = up.Unproven };
    }

    private static IEnumerable<string> NewRuntime(ReleaseImage from, ReleaseImage to)
    {
        if (from.Spec.Runtime != to.Spec.Runtime)
        {
            yield return $"release {to.Spec.Version} is built for .NET {to.Spec.Runtime} and {from.Spec.Version} for {from.Spec.Runtime}. Build it for {from.Spec.Runtime}, or restart the node with it.";
        }

        if (from.Midflight != to.Midflight)
        {
            yield return $"release {to.Spec.Version} carries Midflight {to.Midflight} and {from.Spec.Version} carries {from.Midflight}, which only a restart can change. Build it with Midflight {from.Midflight}.";
        }
    }

    // States that cannot be converted go: nothing is left to be done in flight.
    private static Relup RestartAlone(ReleaseImage from, ReleaseImage to)
    {
        var script = new RelupScript(from.Spec.Version, "", [new LowLevel.PointOfNoReturn(), new LowLevel.RestartEmulator()]);
        return new(to.Spec.Version, [script], [script]);
    }

    // Modules whose processes an appup stops and starts again: their states go with them.
    private static HashSet<string> BegunAnew(Dictionary<ApplicationCode, Appup?> written, Func<Appup, ImmutableArray<AppupEntry>> direction)
    {
        var anew = new HashSet<string>();

        foreach (var (application, appup) in written)
        {
            foreach (var instruction in (appup is null ? [] : direction(appup)).SelectMany(entry => entry.Instructions))
            {
                anew.UnionWith(instruction switch
                {
                    LowLevel.Stop(var modules) => modules,
                    HighLevel.RestartApplication(var name) when name == application.Spec.Name => application.Spec.Modules.Select(module => module.Name),
                    _ => [],
                });
            }
        }

        return anew;
    }

    // The appup that lies beside it counts where it speaks of the other version, or cannot be read: then its mistakes are told.
    private static Appup? Beside(ApplicationCode application, ReleaseImage from) =>
        from.Find(application.Spec.Name)?.Spec.Version is { } version
        && application.Appup is { } appup
        && (appup.Mistakes.Any() || appup.Up.Concat(appup.Down).Any(entry => AppupMatch.Matches(entry.From, version)))
            ? appup
            : null;

    private static (Relup?, string?) Translate(ReleaseImage from, ReleaseImage to, ImmutableSortedDictionary<string, Appup> appups)
    {
        var library = new ApplicationLibrary();

        foreach (var application in to.Applications)
        {
            library.Add(application.Spec, appups.GetValueOrDefault(application.Spec.Name));
        }

        foreach (var application in from.Applications.Where(old => to.Find(old.Spec.Name)?.Spec.Version != old.Spec.Version))
        {
            library.Add(application.Spec);
        }

        var other = new RelupBase(from.Spec.Version, OnItsRuntime(from));
        return RelupGenerator.Generate(new RelupBase(to.Spec.Version, OnItsRuntime(to)), [other], [other], library, new RelupOptions { ByUse = true }) switch
        {
            RelupOutcome.Generated(var relup, _) => (relup, null),
            RelupOutcome.Refused(var why) => (null, why.ToString()),
            var outcome => throw new InvalidOperationException($"No relup in {outcome.GetType().Name}."),
        };
    }

    // Where OTP has ERTS there are two here: .NET and Midflight. A change of either restarts the node.
    private static ReleaseSpec OnItsRuntime(ReleaseImage release) => release.Spec with { Runtime = $"{release.Spec.Runtime} {release.Midflight}" };
}
