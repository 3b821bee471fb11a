using System.Collections.Immutable;
using System.Globalization;
using Midflight.Releases.Packages;

namespace Midflight.Host;

/// <summary>Why the release handler refused. Nothing on the node has changed.</summary>
public abstract record ReleaseRefusal
{
    private ReleaseRefusal()
    {
    }

    /// <summary>The package was refused.</summary>
    public sealed record Package(PackageRefusal Why) : ReleaseRefusal;

    /// <summary>No release of this version is unpacked.</summary>
    public sealed record NoSuchRelease(string Version, ImmutableArray<string> Known) : ReleaseRefusal;

    /// <summary>The release is already running.</summary>
    public sealed record AlreadyInstalled(string Version) : ReleaseRefusal;

    /// <summary>The action does not fit the status of the release.</summary>
    public sealed record BadStatus(string Version, ReleaseStatus Status, string Action) : ReleaseRefusal;

    /// <summary>A file of the release is missing or damaged.</summary>
    public sealed record BadFile(string File, string Problem) : ReleaseRefusal;

    /// <summary>The upgrade cannot be made in flight.</summary>
    public sealed record NotHot(string Running, string Version, ImmutableArray<string> Reasons, bool ARestartHelps) : ReleaseRefusal;

    /// <summary>The new code was not loaded.</summary>
    public sealed record NotLoaded(string Application, string Version, string Problem) : ReleaseRefusal;

    /// <summary>The state of a live process, or a message in its mailbox, cannot be converted.</summary>
    public sealed record NotConvertible(Pid Process, string Module, string What, string Problem, int Others) : ReleaseRefusal;

    /// <summary>The content of a table, a registry or a persistent value cannot be converted.</summary>
    public sealed record StoreNotConvertible(string Store, string Problem) : ReleaseRefusal;

    /// <summary>Live values would lose data in members that the new code drops.</summary>
    /// <param name="Members">A sentence for each member, with the line to write.</param>
    public sealed record Losing(ImmutableArray<string> Members) : ReleaseRefusal;

    /// <summary>A process did not get between two of its messages in time, so it would not suspend either.</summary>
    public sealed record NotAnswering(Pid Process, string Module, TimeSpan Patience, int Others) : ReleaseRefusal;

    /// <summary>Processes still run the version before the current one.</summary>
    public sealed record OldCodeInUse(string Application, ImmutableArray<Pid> Users) : ReleaseRefusal;

    /// <summary>The script cannot be carried out.</summary>
    public sealed record BadScript(string Instruction, string Problem) : ReleaseRefusal;

    /// <summary>The new code cannot be watched for that long.</summary>
    /// <param name="Seconds">The requested time.</param>
    /// <param name="Most">The longest possible time.</param>
    public sealed record BadProbation(double Seconds, double Most) : ReleaseRefusal;

    /// <summary>Another action of the release handler is in progress.</summary>
    public sealed record Busy(string Action) : ReleaseRefusal;

    /// <summary>The whole sentence shown to a person, ending with what to do.</summary>
    public sealed override string ToString() => this switch
    {
        Package(var why) => why.ToString(),
        NoSuchRelease(var version, var known) =>
            $"There is no release {version} here, only {string.Join(", ", known)}. Unpack it first with `unpack {version}`.",
        AlreadyInstalled(var version) => $"Release {version} is already running. There is nothing to do.",
        BadStatus(var version, var status, var action) =>
            $"Release {version} is {status.ToString().ToLowerInvariant()}, so it cannot be {action}. {Remedy(version, status, action)}",
        BadFile(var file, var problem) => $"{file}: {problem.TrimEnd('.')}. Remove the release and unpack it again.",
        NotHot(var running, var version, var reasons, var aRestartHelps) =>
            $"Release {version} cannot be reached from {running} without a restart: {string.Join("; ", reasons.Select(reason => reason.TrimEnd('.')))}. "
            + (aRestartHelps
                ? "Fix that and rebuild the release, or let the node restart with `--restart`: it then loses its connections and states."
                : "Fix that and rebuild the release."),
        NotLoaded(var application, var version, var problem) =>
            $"{application} {version} was not loaded: {problem.TrimEnd('.')}. Fix the release and rebuild it.",
        NotConvertible(var process, var module, var what, var problem, var others) =>
            $"{what} of process {process} ({module}) cannot be converted: {problem.TrimEnd('.')}."
            + (others > 0 ? $" The same happened to {others} more." : "") + " Fix the conversion and rebuild the release.",
        StoreNotConvertible(var store, var problem) =>
            $"What {store} holds cannot be converted: {problem.TrimEnd('.')}. Fix the conversion and rebuild the release.",
        Losing(var members) =>
            $"The upgrade would lose data of live values. {string.Join(" ", members)} To allow this once, use `--allow-loss`.",
        NotAnswering(var process, var module, var patience, var others) =>
            $"Process {process} ({module}) did not finish its message within {patience.TotalMilliseconds:0} ms"
            + (others > 0 ? $", and {others} more did not" : "") + ". Look at what its callback waits for, and try again.",
        OldCodeInUse(var application, var users) =>
            $"{application} has old code that is still run by {string.Join(", ", users.Take(10))}{(users.Length > 10 ? ", …" : "")}. "
            + "Wait until they have moved to new code, stop them, or let the upgrade end them with brutal_purge.",
        BadScript(var instruction, var problem) => $"The script cannot be carried out at {instruction}: {problem.TrimEnd('.')}. Fix the relup and rebuild the release.",
        BadProbation(var seconds, var most) => string.Create(
            CultureInfo.InvariantCulture, $"A probation takes 0 to {most} seconds ({most / 86_400} days), not {seconds}. The default is 0: no probation."),
        Busy(var action) => $"The release handler is busy: {action}. Try again when that is done.",
        _ => throw new InvalidOperationException($"No sentence for {GetType().Name}."),
    };

    private static string Remedy(string version, ReleaseStatus status, string action) => (status, action) switch
    {
        (ReleaseStatus.Permanent, "removed") => "Commit another release first.",
        (ReleaseStatus.Current, "removed") => "Go back to another release first with `downgrade VERSION`.",
        (ReleaseStatus.Unpacked or ReleaseStatus.Old, "committed") => $"Install it first with `upgrade {version} --no-commit`.",
        _ => "Look at `releases`.",
    };
}
