using System.Text.Json;
using Midflight.Releases;
using Midflight.Releases.Plans;

namespace Midflight.Cli.Commands;

/// <summary>A plan as people and programs read it.</summary>
internal static class PlanText
{
    /// <summary>A change in the words of the glossary.</summary>
    public static string Word(ChangeKind change) => change switch
    {
        ChangeKind.ConvertByShape => "convert by shape",
        ChangeKind.ConvertByHand => "convert by hand",
        ChangeKind.Restart => "restart needed",
        _ => change.ToString().ToLowerInvariant(),
    };

    /// <summary>A change as a line of a list, with its reason if it has one.</summary>
    public static string Line(ChangeKind change, string what, string reason) => Line(Word(change), what, reason);

    /// <inheritdoc cref="Line(ChangeKind, string, string)"/>
    public static string Line(string change, string what, string reason) => $"  {change,-16} {what}{(reason.Length > 0 ? $": {reason}" : "")}";

    /// <summary>The verdict, what happens to each application, module and type, the script, and what nobody can prove.</summary>
    public static IEnumerable<string> Lines(UpgradePlan plan, ReleaseImage from, ReleaseImage to)
    {
        yield return $"{plan.From} to {plan.To}: {plan.VerdictText}";
        foreach (var group in Changes(plan, from, to).GroupBy(change => change.Application))
        {
            yield return $"{group.Key} {Versions(from.Find(group.Key), to.Find(group.Key))}";
            foreach (var change in group.Where(change => change.Name is not null))
            {
                yield return Line(change.Change, change.Name!, change.Reason);
            }
        }

        foreach (var script in (plan.Relup?.Up ?? []).Select(script => (Title: $"script up from {script.Version}", script.Instructions))
            .Concat((plan.Relup?.Down ?? []).Select(script => (Title: $"script down to {script.Version}", script.Instructions))))
        {
            yield return $"{script.Title}:";
            foreach (var instruction in script.Instructions)
            {
                yield return $"  {instruction}";
            }
        }

        foreach (var note in plan.Notes.Except(plan.Unproven))
        {
            yield return $"note: {note}";
        }

        foreach (var member in plan.Unproven)
        {
            yield return $"not provable from metadata: {member}";
        }
    }

    /// <summary>The appups and the relup in OTP's notation, each behind its name in a comment.</summary>
    public static IEnumerable<string> Otp(UpgradePlan plan)
    {
        foreach (var (application, appup) in plan.Appups)
        {
            yield return $"%% {application}.appup";
            yield return OtpText.Write(appup);
        }

        if (plan.Relup is { } relup)
        {
            yield return "%% relup";
            yield return OtpText.Write(relup);
        }
    }

    /// <summary>The same for programs; appups and relup are as in their files.</summary>
    public static object Json(UpgradePlan plan, ReleaseImage from, ReleaseImage to) => new
    {
        plan.From,
        plan.To,
        Verdict = plan.VerdictText,
        Changes = Changes(plan, from, to).Select(change => new { change.Application, change.Name, Change = Word(change.Change), change.Reason }),
        Appups = plan.Appups.ToDictionary(entry => entry.Key, entry => JsonElement.Parse(AppupFile.Write(entry.Value))),
        Relup = plan.Relup is { } relup ? JsonElement.Parse(RelupFile.Write(relup)) : (JsonElement?)null,
        Notes = plan.Notes.Except(plan.Unproven),
        plan.Unproven,
        plan.Problems,
    };

    // The planner tells what is done to processes and their states; what else there is goes by its vsn.
    private static IEnumerable<PlannedChange> Changes(UpgradePlan plan, ReleaseImage from, ReleaseImage to)
    {
        var told = plan.Changes.Select(change => (change.Application, change.Name)).ToHashSet();
        return plan.Changes.Concat(
            from now in to.Applications
            let old = @from.Find(now.Spec.Name)
            where old is not null
            from module in now.Spec.Modules
            where !told.Contains((now.Spec.Name, module.Name)) && !told.Contains((now.Spec.Name, ShortName(module.Name)))
            select Rest(now.Spec.Name, old.Spec.Modules.FirstOrDefault(was => was.Name == module.Name), module));
    }

    private static PlannedChange Rest(string application, ModuleSpec? was, ModuleSpec now) => was switch
    {
        null => new(application, now.Name, ChangeKind.Add),
        { Vsn: var vsn } when vsn == now.Vsn => new(application, now.Name, ChangeKind.Unchanged),
        _ => new(application, now.Name, ChangeKind.Load) { Reason = "its code or code that it uses has changed" },
    };

    // Types that are converted are told as a person writes them.
    private static string ShortName(string type) => type[(type.LastIndexOf('.') + 1)..];

    private static string Versions(ApplicationCode? old, ApplicationCode? now) => (old?.Spec.Version, now?.Spec.Version) switch
    {
        (null, var version) => $"{version}: add",
        (var version, null) => $"{version}: delete",
        var (before, after) when before == after => $"{after}: unchanged",
        var (before, after) => $"{before} to {after}",
    };
}
