using Midflight.Releases;
using Midflight.Releases.Packages;
using Midflight.Releases.Plans;

namespace Midflight.Host;

/// <summary>Finds the script of an upgrade or downgrade: made in advance, or planned here from what the releases are.</summary>
internal static class UpgradeScripts
{
    /// <summary>The plan between two releases, and the direction in which it is to be gone.</summary>
    /// <remarks>
    /// As in OTP the relup of the release gone to is looked into first (up), then that of the running one (down). Where
    /// neither has a script, the way is planned; it goes down where the release gone to is the older one. What an appup
    /// leaves out is told and not refused here: its author was told when the release was built, an operator cannot mend it, and
    /// it does no harm, as applications are loaded whole and processes that nothing names are converted by shape.
    /// </remarks>
    /// <param name="layout">Where the releases are.</param>
    /// <param name="running">The release that runs.</param>
    /// <param name="to">The release gone to.</param>
    /// <param name="together">Whether all processes of changed modules stand still together. No script says that, so the way is planned.</param>
    internal static (UpgradePlan Plan, bool IsDown) Find(ReleaseLayout layout, ReleaseImage running, ReleaseImage to, bool together)
    {
        var isDown = Older(to.Spec.Version, running.Spec.Version);
        var plan = isDown ? Downwards(running, to, together) : UpgradePlanner.Plan(running, to, allowIncomplete: true, together);

        if (plan.Relup is null || together)
        {
            return (plan, isDown);
        }

        if (Relup(layout, to) is { } up
            && up.Up.FirstOrDefault(script => script.Version == running.Spec.Version) is { } there
            && up.Down.FirstOrDefault(script => script.Version == running.Spec.Version) is { } back)
        {
            return (With(plan, new(up.Version, [there], [back])), false);
        }

        return Relup(layout, running) is { } down
            && down.Down.FirstOrDefault(script => script.Version == to.Spec.Version) is { } downwards
            && down.Up.FirstOrDefault(script => script.Version == to.Spec.Version) is { } upwards
            ? (With(plan, new(down.Version, [upwards], [downwards])), true)
            : (plan, isDown);
    }

    // A script made in advance does not get by without a restart that is needed, but may add one.
    private static UpgradePlan With(UpgradePlan plan, Relup relup) => (plan.Verdict, relup.Restarts) switch
    {
        (Verdict.RestartNeeded, false) => plan,
        (not Verdict.RestartNeeded, true) => plan with { Relup = relup, Verdict = Verdict.RestartNeeded, Problems = ["its relup restarts the node"] },
        _ => plan with { Relup = relup },
    };

    // The scripts of the way down are the older release's from the newer; what changes is told in the direction gone.
    private static UpgradePlan Downwards(ReleaseImage running, ReleaseImage to, bool together)
    {
        var gone = UpgradePlanner.Plan(running, to, allowIncomplete: true, together);
        var plan = UpgradePlanner.Plan(to, running, allowIncomplete: true, together);
        return plan with { From = gone.From, To = gone.To, Changes = gone.Changes, Notes = gone.Notes };
    }

    private static Relup? Relup(ReleaseLayout layout, ReleaseImage release)
    {
        var file = layout.RelupFile(release.Spec.Version);

        if (!File.Exists(file))
        {
            return null;
        }

        return RelupFile.Read(file, File.ReadAllBytes(file)).Succeeded(out var relup, out var error)
            ? relup
            : throw new ReleaseRefusedException(new ReleaseRefusal.BadFile(file, error.ToString()));
    }

    // By the numbers of the versions; a part that is no number counts as text.
    private static bool Older(string version, string other)
    {
        var (a, b) = (version.Split('.', '-', '+'), other.Split('.', '-', '+'));

        for (var i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            var order = long.TryParse(a[i], out var left) && long.TryParse(b[i], out var right)
                ? left.CompareTo(right)
                : string.CompareOrdinal(a[i], b[i]);

            if (order != 0)
            {
                return order < 0;
            }
        }

        return a.Length < b.Length;
    }
}
