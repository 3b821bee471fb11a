using System.Collections.Immutable;

namespace Midflight.Host;

/// <summary>Why code was not loaded. Nothing on the node has changed.</summary>
internal abstract record LoadRefusal
{
    private LoadRefusal() { }

    /// <summary>The code itself cannot be loaded or compiled.</summary>
    /// <param name="Image">The application and its version.</param>
    /// <param name="Why">A complete sentence.</param>
    /// <param name="Remedy">What to do, as a complete sentence.</param>
    internal sealed record Faulty(string Image, string Why, string Remedy) : LoadRefusal;

    /// <summary>Processes still run the version before the current one.</summary>
    internal sealed record OldCodeInUse(string Application, ImmutableArray<VersionUser> Users) : LoadRefusal;

    /// <summary>There is an old version, and the caller did not ask for it to be purged: OTP's not_purged.</summary>
    internal sealed record NotPurged(string Application, string Old) : LoadRefusal;

    /// <summary>Processes run a module that the new version does not have.</summary>
    internal sealed record ModuleGone(string Image, string Module, ImmutableArray<Pid> Users) : LoadRefusal;

    /// <summary>Processes hold a state that the new version cannot take over.</summary>
    internal sealed record NotConvertible(string Image, string Module, ImmutableArray<Pid> Users, string Why) : LoadRefusal;

    /// <summary>Another load came in between the preparation and the flip.</summary>
    internal sealed record Overtaken(string Image) : LoadRefusal;

    /// <summary>The complete message for a person, ending with what to do.</summary>
    public sealed override string ToString() => this switch
    {
        Faulty(var image, var why, var remedy) => $"{image} was not loaded: {why} {remedy}",
        OldCodeInUse(var application, var users) =>
            $"{application} has old code that is still in use: {string.Join("; ", users)}. Stop these processes, or purge with brutal.",
        NotPurged(var application, var old) => $"{application} was not loaded: its old version, {old}, is still loaded. Purge that first.",
        ModuleGone(var image, var module, var users) =>
            $"{image} was not loaded: it has no module {module}, which {Show(users)} still {(users.Length == 1 ? "runs" : "run")}. Keep the module, or stop what runs it first.",
        NotConvertible(var image, var module, var users, var why) =>
            $"{image} was not loaded: the state of {module}, which {Show(users)} {(users.Length == 1 ? "runs" : "run")}, cannot be converted. {why}",
        Overtaken(var image) => $"{image} was not loaded: another load came first. Load it again.",
        _ => throw new InvalidOperationException($"No sentence for {GetType().Name}."),
    };

    // A module can have a million processes.
    private static string Show(ImmutableArray<Pid> users) =>
        users.Length <= 8 ? string.Join(", ", users) : $"{string.Join(", ", users.Take(8))} and {users.Length - 8} more";
}
