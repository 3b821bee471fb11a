using System.Text;
using Midflight.Releases;
using Midflight.Releases.Builds;
using Midflight.Releases.Plans;

namespace Midflight.Cli.Builds;

/// <summary>Plans an upgrade while the release is built, so that a refusal comes early.</summary>
internal static class UpgradePlanning
{
    /// <summary>Writes the appups and the relup, in both directions, into the new release.</summary>
    /// <param name="earlier">The release to upgrade from.</param>
    /// <param name="built">The new release, including its manifest.</param>
    /// <param name="allowIncomplete">Whether a handwritten appup may omit something.</param>
    /// <param name="allowRestart">Whether the upgrade may restart the node if it cannot be hot.</param>
    /// <exception cref="Failure">The upgrade cannot be hot; the message says why and what to write.</exception>
    public static UpgradePlan Write(EarlierRelease earlier, ReleaseTree built, bool allowIncomplete, bool allowRestart)
    {
        var (layout, release, _) = built;
        var plan = UpgradePlanner.Plan(
            ReleaseImage.Read(earlier.Layout, earlier.Name, earlier.Version),
            ReleaseImage.Read(layout, release.Name, release.Version),
            allowIncomplete);
        if (plan.Relup is not { } relup || (plan.Verdict == Verdict.RestartNeeded && !allowRestart))
        {
            throw new Failure(Refusal(plan));
        }

        File.WriteAllText(layout.RelupFile(release.Version), RelupFile.Write(relup));
        foreach (var (application, appup) in plan.Appups)
        {
            // A handwritten one is already there.
            var file = layout.AppupFile(application, appup.Version);
            if (!File.Exists(file))
            {
                File.WriteAllText(file, AppupFile.Write(appup));
            }
        }

        return plan;
    }

    private static string Refusal(UpgradePlan plan)
    {
        var text = new StringBuilder($"{plan.From} to {plan.To}: {plan.VerdictText}.");
        foreach (var problem in plan.Problems)
        {
            text.AppendLine().Append("  ").Append(problem);
        }

        if (plan.Relup is not null)
        {
            text.AppendLine().Append("  Fix that, or build with --restart if the node may restart: it then loses its connections and states.");
        }

        return text.ToString();
    }
}
