using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Midflight.Host;

/// <summary>The steps of the transaction at which a node can be halted, so that a test can kill it there.</summary>
/// <remarks>
/// The environment variable <c>MIDFLIGHT_HALT_AT</c> names the step; the node writes <c>run/halted</c> and waits for its end.
/// Without the variable a step costs one comparison.
/// </remarks>
public static class FaultPoint
{
    private static readonly string? s_haltAt = Environment.GetEnvironmentVariable("MIDFLIGHT_HALT_AT");

    /// <summary>Every step, in the order of an upgrade in flight that is committed.</summary>
    public static ImmutableArray<string> All { get; } =
    [
        "unpack:begin",
        "unpack:done",
        "journal:Checking",
        "check:loaded",
        "check:rehearsed",
        "journal:Switching",
        "switch:suspended",
        "switch:flipped",
        "switch:changed",
        "switch:resumed",
        "journal:OnProbation",
        "journal:Committing",
        "commit:started",
        "commit:start-written",
        "commit:releases-written",
        "commit:purged",
        "journal:Ended",
    ];

    /// <summary>The steps of an upgrade that restarts the node only, in order.</summary>
    public static ImmutableArray<string> OfRestart { get; } =
    [
        "journal:Restarting",
        "restart:stopped",
        "restart:starting",
        "restart:serving",
    ];

    /// <summary>Where <c>run/halted</c> is written.</summary>
    internal static string? Folder { get; set; }

    [SuppressMessage("Reliability", "CA2002", Justification = "It waits for the end of the operating system process.")]
    internal static void Reach(string step)
    {
        if (s_haltAt is null || step != s_haltAt)
        {
            return;
        }

        if (Folder is { } folder)
        {
            File.WriteAllText(Path.Combine(folder, "halted"), step);
        }

        new ManualResetEvent(false).WaitOne();
    }
}
