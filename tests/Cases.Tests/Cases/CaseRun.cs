using Midflight.Host;
using Midflight.Host.Tests;

namespace Midflight.Cases;

/// <summary>Carries out one case: a live server holds the value, an upgrade is planned, rehearsed and installed, and new code shows the value.</summary>
internal static class CaseRun
{
    /// <summary>Carries a case out in this process.</summary>
    public static async Task<CaseOutcome> Of(Case @case)
    {
        try
        {
            return await Carry(@case, CaseCode.Of(@case));
        }
        // It is the report of the case, whatever it is.
        catch (Exception exception)
        {
            return new(@case.Name, OutcomeKind.Wrong, $"{exception.GetType().Name}: {exception.Message}");
        }
    }

    private static async Task<CaseOutcome> Carry(Case @case, CaseCode code)
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", ("demo", code.Old));
        folder.Package("2", ("demo", code.Now));
        using var clock = new RunningClock(folder.Node.Time);
        CaseOutcome? outcome = null;

        await folder.Node.Run(async () =>
        {
            await (Task<string>)Hot.Call(folder.Node, CaseCode.Name(code.Old, "CaseServer"), "Begin")!;

            try
            {
                await folder.Handler.Check("2");
            }
            catch (ReleaseRefusedException refused)
            {
                outcome = Refused(@case, code, refused.Message);
                return;
            }

            try
            {
                await folder.Handler.Install("2", InstallSettings.Default);
            }
            catch (Exception exception) when (exception is ReleaseRefusedException or UpgradeFailedException)
            {
                outcome = new(@case.Name, OutcomeKind.Wrong, $"passed the check, and then: {exception.Message}");
                return;
            }

            var said = await GenServer.Call<string>(CaseCode.Server, "show", TimeSpan.FromMinutes(1));
            outcome = new(@case.Name, @case.Allows(said) ? OutcomeKind.Right : OutcomeKind.Wrong, said);
        });

        return outcome!;
    }

    // A refusal is right only with lines that help.
    private static CaseOutcome Refused(Case @case, CaseCode code, string why) => OfferedLines.Fault(code.Old, code.Now, why) is { } fault
        ? new(@case.Name, OutcomeKind.Wrong, fault)
        : new(@case.Name, @case.AllowsRefusal(why) ? OutcomeKind.Right : OutcomeKind.Refused, why);
}
