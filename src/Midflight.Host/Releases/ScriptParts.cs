using System.Collections.Immutable;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>A script split at its restarts: what is done in flight, and whether the node restarts before or after it.</summary>
/// <param name="RestartsFirst">Whether it begins with a restart on the new runtime.</param>
/// <param name="InFlight">What is done while the node runs.</param>
/// <param name="RestartsLast">Whether it ends with a restart.</param>
/// <param name="Fault">Why no node can carry it out; null if it can be.</param>
internal sealed record ScriptParts(bool RestartsFirst, ImmutableArray<LowLevel> InFlight, bool RestartsLast, ReleaseRefusal.BadScript? Fault)
{
    /// <summary>Whether there is nothing to do but to restart.</summary>
    internal bool IsRestartAlone => RestartsLast && InFlight.All(instruction => instruction is LowLevel.LoadObjectCode or LowLevel.PointOfNoReturn);

    /// <summary>Splits a script. As in OTP, a <c>restart_new_emulator</c> that does not come first is a <c>restart_emulator</c>.</summary>
    internal static ScriptParts Of(ImmutableArray<LowLevel> script)
    {
        var first = script is [LowLevel.RestartNewEmulator, ..];
        var inFlight = first ? script[1..] : script;
        var last = inFlight is [.., var end] && Restarts(end);
        inFlight = last ? inFlight[..^1] : inFlight;
        return new(first, inFlight, last, inFlight.Select(FaultOf).FirstOrDefault(fault => fault is not null));
    }

    private static bool Restarts(LowLevel instruction) => instruction is LowLevel.RestartNewEmulator or LowLevel.RestartEmulator;

    private static ReleaseRefusal.BadScript? FaultOf(LowLevel instruction) => instruction switch
    {
        LowLevel.Passed(var name) => new(name, $"{(name == "reboot" ? "restart_emulator" : "restart_application")} is meant: no node knows {name}. Write that, or remove it"),
        _ when Restarts(instruction) => new(
            instruction.ToString(), "it is in the middle, and the rest of the script would be lost. restart_new_emulator comes first, restart_emulator last"),
        _ => null,
    };
}
