using System.Collections.Immutable;

namespace Midflight.Releases.Plans;

/// <summary>What differs between the applications of two releases, in one direction.</summary>
internal sealed class ApplicationDiff
{
    private readonly ReleaseImage _from;
    private readonly ReleaseImage _to;
    private readonly CodeSet _oldCode;
    private readonly CodeSet _newCode;
    private readonly ShapeRules _rules;
    private readonly IReadOnlySet<string> _anew;
    private readonly Lazy<UnderWay> _underWayUp;
    private readonly Lazy<UnderWay> _underWayDown;
    private readonly List<string> _notes = [];
    private readonly List<string> _unproven = [];
    private readonly List<string> _problems = [];
    private readonly List<string> _refusals = [];
    private readonly List<PlannedChange> _changes = [];
    private readonly HashSet<string> _planned = [];
    private bool _done;

    /// <param name="from">What is left.</param>
    /// <param name="to">What is gone to.</param>
    /// <param name="anew">Modules whose processes begin anew, so that their states are not converted.</param>
    /// <param name="together">Whether all processes that change stand still together.</param>
    /// <param name="isWayDown">Whether what is gone to is the older of the two. Default: false.</param>
    internal ApplicationDiff(ReleaseImage from, ReleaseImage to, IReadOnlySet<string> anew, bool together, bool isWayDown = false)
    {
        (_from, _to, _anew) = (from, to, anew);
        _oldCode = new CodeSet(from.Applications.SelectMany(application => application.Assemblies));
        _newCode = new CodeSet(to.Applications.SelectMany(application => application.Assemblies));
        var (before, after) = (Catalog(from), Catalog(to));
        _rules = new ShapeRules(before, after) { IsWayDown = isWayDown };
        _underWayUp = new(() => new(from, _oldCode, _rules, after, together));
        _underWayDown = new(() => new(to, _newCode, new ShapeRules(after, before) { IsWayDown = !isWayDown }, before, together));
    }

    /// <summary>What is worth knowing.</summary>
    internal ImmutableArray<string> Notes => Done<ImmutableArray<string>>(() => [.. _notes.Distinct()]);

    /// <summary>Those of the notes of which only live values can tell.</summary>
    internal ImmutableArray<string> Unproven => Done<ImmutableArray<string>>(() => [.. _unproven.Distinct()]);

    /// <summary>Conversions that cannot be made.</summary>
    internal ImmutableArray<string> Refusals => Done<ImmutableArray<string>>(() => [.. _refusals.Distinct()]);

    /// <summary>What is wrong with the releases, however one goes from one to the other.</summary>
    internal ImmutableArray<string> Problems => Done<ImmutableArray<string>>(() => [.. _problems]);

    internal ImmutableArray<PlannedChange> Changes() => Done<ImmutableArray<PlannedChange>>(() => [.. _changes]);

    /// <summary>The appup of an application of the newer release, both ways; null where its version is the same or it is new.</summary>
    internal Appup? Appup(ApplicationCode now)
    {
        if (_from.Find(now.Spec.Name) is not { } old || old.Spec.Version == now.Spec.Version)
        {
            return null;
        }

        // Going down is the way of the same kind: each server changes code, in the newer code, before it is left.
        var other = new AppupVersion.Exact(old.Spec.Version);
        return new(now.Spec.Version, [new(other, Up(old, now).Instructions)], [new(other, Down(old, now).Instructions)]);
    }

    /// <summary>What an appup that a person wrote lacks or has too much of, both ways; nothing for one that cannot be read.</summary>
    internal IEnumerable<string> Coverage(ApplicationCode now, Appup appup)
    {
        if (_from.Find(now.Spec.Name) is not { } old || appup.Mistakes.Any())
        {
            return [];
        }

        var (name, version) = (now.Spec.Name, old.Spec.Version);
        return Check(appup.Up, $"{name}.appup.json, up from {version}", Up(old, now))
            .Concat(Check(appup.Down, $"{name}.appup.json, down to {version}", Down(old, now)));

        // A version without an entry is the translator's to tell.
        IEnumerable<string> Check(ImmutableArray<AppupEntry> entries, string where, ModuleDiff diff) =>
            entries.FirstOrDefault(entry => AppupMatch.Matches(entry.From, version)) is { } entry
                ? AppupCoverage.Check(where, name, entry.Instructions, diff)
                : [];
    }

    private ModuleDiff Up(ApplicationCode old, ApplicationCode now) => new(_oldCode, old, _newCode, now, _underWayUp.Value);

    private ModuleDiff Down(ApplicationCode old, ApplicationCode now) => new(_newCode, now, _oldCode, old, _underWayDown.Value);

    private static ShapeCatalog Catalog(ReleaseImage release) => new(
        release.Applications.SelectMany(application => application.Assemblies.Select(assembly => (application.Spec.Version, assembly.Shapes))));

    private T Done<T>(Func<T> result)
    {
        if (!_done)
        {
            _done = true;
            Compare();
        }

        return result();
    }

    private void Compare()
    {
        foreach (var now in _to.Applications)
        {
            if (_from.Find(now.Spec.Name) is { } old)
            {
                Compare(old, now);
            }
            else
            {
                _changes.Add(new(now.Spec.Name, null, ChangeKind.Add));
            }
        }

        foreach (var old in _from.Applications.Where(old => _to.Find(old.Spec.Name) is null))
        {
            _changes.Add(new(old.Spec.Name, null, ChangeKind.Delete));
        }
    }

    private void Compare(ApplicationCode old, ApplicationCode now)
    {
        var name = now.Spec.Name;
        var diff = Up(old, now);
        var changed = diff.Changed.ToList();

        if (old.Spec.Version == now.Spec.Version)
        {
            if (changed.Count > 0 || diff.Added.Length > 0 || diff.Dropped.Length > 0)
            {
                var names = changed.Select(module => module.Now.Name).Concat(diff.Added).Concat(diff.Dropped);
                _problems.Add($"{name} has changed ({string.Join(", ", names.Take(3))}) but is still version {now.Spec.Version}. Give it a new version in its project.");
            }

            _changes.Add(new(name, null, ChangeKind.Unchanged));
            return;
        }

        _changes.AddRange(diff.Added.Select(module => new PlannedChange(name, module, ChangeKind.Add)));
        _changes.AddRange(diff.Dropped.Select(module => new PlannedChange(name, module, ChangeKind.Delete)));

        foreach (var (was, module) in changed)
        {
            var together = diff.Together(was, module);
            var kind = together is not null ? ChangeKind.Update : ModuleDiff.HasState(module) ? ChangeKind.Flow : ChangeKind.Load;

            if (module.Kind == ModuleKind.Application && was.OwnHash != module.OwnHash)
            {
                _notes.Add($"{module.Name} has changed, but its Start does not run again, because {name} has already started. Move what is new in it to BecameCurrent, or to a child of a supervisor.");
            }

            _changes.Add(new(name, module.Name, kind) { Reason = string.Join("; together, as ", [ModuleDiff.Reason(was, module)!, .. together is null ? [] : new[] { together }]) });
        }

        // The state of every server that stays, changed or not: what it holds may be of a type that has.
        foreach (var (was, module) in diff.Kept.Where(kept => !_anew.Contains(kept.Now.Name)))
        {
            if (was.State is { } before && module.State is { } after)
            {
                Compare(name, module.Name, ConversionPlan.Of(_rules, before, after));
            }
        }
    }

    private void Compare(string application, string module, ConversionPlan plan)
    {
        _refusals.AddRange(plan.Refusals.Select(refusal => $"the state of {module} cannot be converted: {refusal}"));

        foreach (var type in plan.Types)
        {
            _notes.AddRange(type.Notes);
            string[] unproven = [.. type.Unproven.Select(member => $"{member}: only the rehearsal on the live state can tell.")];
            _notes.AddRange(unproven);
            _unproven.AddRange(unproven);

            if (!_planned.Add(type.Name))
            {
                continue;
            }

            if (Change(type.Verdict) is { } change)
            {
                _changes.Add(new(application, type.Name, change) { Reason = Reason(type, plan) });
            }
        }
    }

    private static ChangeKind? Change(ConversionVerdict verdict) => verdict switch
    {
        ConversionVerdict.ByShape or ConversionVerdict.LiveValues => ChangeKind.ConvertByShape,
        ConversionVerdict.Written => ChangeKind.ConvertByHand,
        ConversionVerdict.Refused => ChangeKind.Restart,
        _ => null,
    };

    private static string Reason(ConvertedType type, ConversionPlan plan) => type.Verdict switch
    {
        ConversionVerdict.Refused => string.Join("; ", plan.Refusals.Where(refusal => refusal.Type == type.Name)
            .Select(refusal => $"{(refusal.Member is null ? refusal.Type : $"{refusal.Type}.{refusal.Member}")} {refusal.Found}")),
        ConversionVerdict.Written => "its [Convert] methods know the way",
        _ => "its members have changed, and their names and defaults tell the way",
    };
}
