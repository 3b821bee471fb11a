using System.CommandLine;
using Midflight.Releases.Builds;
using Midflight.Releases.Plans;

namespace Midflight.Cli.Commands;

/// <summary><c>midflight plan</c>: what an upgrade from one built release to another will do, or what would become of the types of an assembly. Needs no node.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var old = new Argument<string>("OLD") { Description = "The release to upgrade from: its folder or its .tar.gz. Or an assembly, a .dll." };
        var now = new Argument<string>("NEW") { Description = "The release to upgrade to: its folder or its .tar.gz. Or an assembly, a .dll." };
        var otp = new Option<bool>("--otp") { Description = "Print the appups and the relup in OTP's notation." };
        var allowIncomplete = AllowIncompleteOption();
        var together = Verb.TogetherOption();
        var json = Verb.JsonOption();
        return Verb.Create(
            "plan", "Show what an upgrade between two releases will do.",
            (result, _) =>
            {
                if (AssembliesPlan.Are(result.GetRequiredValue(old), result.GetRequiredValue(now)))
                {
                    return Task.FromResult(AssembliesPlan.Print(result.GetRequiredValue(old), result.GetRequiredValue(now), result.GetValue(json)));
                }

                var (from, to) = Read(result.GetRequiredValue(old), result.GetRequiredValue(now));
                var plan = UpgradePlanner.Plan(from, to, result.GetValue(allowIncomplete), result.GetValue(together));
                if (result.GetValue(json))
                {
                    Output.Json(PlanText.Json(plan, from, to));
                }
                else
                {
                    Print(plan, result.GetValue(otp) ? PlanText.Otp(plan) : PlanText.Lines(plan, from, to));
                }

                return Task.FromResult(plan.Verdict == Verdict.RestartNeeded ? 1 : 0);
            },
            old, now, otp, allowIncomplete, together, json);
    }

    /// <summary>Whether a handwritten appup may omit something.</summary>
    public static Option<bool> AllowIncompleteOption() => new("--allow-incomplete")
    {
        Description = "Warn instead of failing when an appup written by hand omits a change or names a module that has not changed.",
    };

    private static void Print(UpgradePlan plan, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            Output.Line(line);
        }

        foreach (var problem in plan.Problems)
        {
            Output.Error($"problem: {problem}");
        }
    }

    private static (ReleaseImage From, ReleaseImage To) Read(string old, string now)
    {
        var temporary = Directory.CreateTempSubdirectory("midflight-plan-").FullName;
        try
        {
            var from = EarlierRelease.Find(old, "", Path.Combine(temporary, "old"));
            var to = EarlierRelease.Find(now, from.Version, Path.Combine(temporary, "new"));
            return (Image(from), Image(to));
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    private static ReleaseImage Image(EarlierRelease release) => ReleaseImage.Read(release.Layout, release.Name, release.Version);
}
