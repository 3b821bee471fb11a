using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Midflight;

/// <summary>The start module of an application: starts its processes as one supervision tree. OTP's application behaviour.</summary>
/// <example>
/// <code>
/// public sealed class Octochat : Application
/// {
///     protected override ValueTask&lt;Pid&gt; Start(ApplicationStart start) => GenServer.StartLink&lt;Rooms&gt;();
/// }
/// </code>
/// </example>
/// <remarks>
/// An instance lives for one callback and is of the current code version. All callbacks but <see cref="Health"/> run in the process
/// that is the parent of the top supervisor.
/// </remarks>
public abstract class Application
{
    /// <summary>Starts the top supervisor, linked to the calling process, and returns it.</summary>
    /// <remarks>What it throws fails the start of the application. The application ends when this process ends.</remarks>
    protected abstract ValueTask<Pid> Start(ApplicationStart start);

    /// <summary>One phase of the start. Called for each, in order, when <see cref="Start"/> has returned; then the applications that it includes are called for it.</summary>
    /// <param name="phase">Its name.</param>
    /// <param name="argument">What the application's definition gives it.</param>
    /// <remarks>
    /// What it throws fails the start: the processes are stopped again. Others that depend on this one start when all phases are done. An
    /// included application is called for those phases that it has itself, with its own argument.
    /// </remarks>
    protected virtual ValueTask StartPhase(string phase, JsonElement argument) => throw new NotSupportedException(
        $"{GetType().FullName} has a start phase '{phase}' but does not override StartPhase. Override it, or remove the phase from the application.");

    /// <summary>Called on a stop, while the processes still run.</summary>
    protected virtual ValueTask PrepareStop() => default;

    /// <summary>Called when the processes have ended, on request or not.</summary>
    protected virtual ValueTask Stop() => default;

    /// <summary>Called by an upgrade that changes the environment: when the new one is in place, before suspended processes resume.</summary>
    protected virtual ValueTask ConfigChange(ConfigChange change) => default;

    /// <summary>Called by an upgrade on the version of the code that has just become current; not at a start. Default: nothing.</summary>
    /// <remarks>
    /// <para>
    /// For what the application keeps outside of its processes: routes, registrations, timers of others. The version before has been told by
    /// <see cref="IsGoing"/>. On a way back the old version is told that it is current again.
    /// </para>
    /// <para>Processes that stand still for the upgrade do so until this is done. What it throws rolls the upgrade back.</para>
    /// </remarks>
    protected virtual ValueTask BecameCurrent() => default;

    /// <summary>Called by an upgrade on the version of the code that is not current any more, or is about to be given up. Default: nothing.</summary>
    /// <remarks>Its processes may still be in the middle of a callback. What it throws rolls the upgrade back; on a way back it is told.</remarks>
    protected virtual ValueTask IsGoing() => default;

    /// <summary>Says how the application is: null when it is well, else what ails it, in a sentence. Default: null.</summary>
    /// <remarks>
    /// <para>
    /// Asked at the begin of an upgrade's probation, every second of it and at its end, and by the health check of a host; in a process of
    /// its own that belongs to the application, and in current code. One that throws, or does not answer within 5 s, is ill.
    /// </para>
    /// <para>
    /// An upgrade on whose probation an application is ill is rolled back. So say here what keeps it from its work, not that it is busy.
    /// </para>
    /// </remarks>
    protected virtual ValueTask<string?> Health() => default;

    /// <summary>A value of the environment of the calling process's application.</summary>
    /// <typeparam name="T">What the JSON value is read as.</typeparam>
    /// <exception cref="KeyNotFoundException">It is not there.</exception>
    /// <exception cref="JsonException">It is no <typeparamref name="T"/>.</exception>
    /// <remarks>
    /// A process belongs to the application in whose supervision tree it is, so one of an included application to that which includes it; one
    /// in no tree, to that whose code it runs. The environment of another, an included one say, is read with <see cref="GetFrom{T}"/>.
    /// </remarks>
    public static T Get<T>(string key) => Read<T>(ApplicationController.Here().Definition, key, hasDefault: true);

    /// <summary>A value of the environment of an application of this node that runs, or is included in one that does.</summary>
    /// <typeparam name="T">What the JSON value is read as.</typeparam>
    /// <exception cref="InvalidOperationException">No such application runs.</exception>
    /// <exception cref="KeyNotFoundException">It is not there.</exception>
    /// <exception cref="JsonException">It is no <typeparamref name="T"/>.</exception>
    public static T GetFrom<T>(string application, string key) => Read<T>(Node.Current.Applications.Loaded(application), key, hasDefault: false);

    /// <summary>A value of the environment of the calling process's application, or another where it is not there.</summary>
    /// <inheritdoc cref="Get{T}(string)"/>
    [MethodImpl(Inlining.NotIntoHotCode)]
    public static T Get<T>(string key, T otherwise)
    {
        var application = ApplicationController.Here().Definition;
        return Node.Current.Applications.TryGet(application, key, out var value) ? Read<T>(application.Name, key, value) : otherwise;
    }

    /// <summary>Sets a value in the environment of an application of this node, in the place of what its release says: OTP's <c>set_env</c>.</summary>
    /// <param name="application">Its name. It need not run yet.</param>
    /// <param name="key">Which value.</param>
    /// <param name="value">Kept as JSON, so that code of any version reads it.</param>
    /// <remarks>
    /// It counts from the next <see cref="Get{T}(string)"/> on, nobody is told of it, and it stays until it is unset or the node ends: over upgrades too, as with OTP's
    /// <c>persistent</c>.
    /// </remarks>
    public static void Set<T>(string application, string key, T value) =>
#pragma warning disable CA1869 // As in Read.
        Node.Current.Applications.Set(application, key, JsonSerializer.SerializeToElement(value, CodeVersion.Of(value?.GetType() ?? typeof(T)) is null ? null : new JsonSerializerOptions()));
#pragma warning restore CA1869

    /// <summary>Takes a value back that was set: what the release says counts again.</summary>
    /// <returns>Whether it was set.</returns>
    public static bool Unset(string application, string key) => Node.Current.Applications.Unset(application, key);

    /// <summary>The whole environment of an application that runs, or is included in one that does, as JSON: OTP's <c>get_all_env</c>.</summary>
    /// <exception cref="InvalidOperationException">No such application runs.</exception>
    public static IReadOnlyDictionary<string, JsonElement> EnvironmentOf(string application) =>
        Node.Current.Applications.EnvironmentOf(Node.Current.Applications.Loaded(application));

    internal ValueTask<Pid> OnStart(ApplicationStart start) => Start(start);

    internal ValueTask OnStartPhase(string phase, JsonElement argument) => StartPhase(phase, argument);

    internal ValueTask OnPrepareStop() => PrepareStop();

    internal ValueTask OnStop() => Stop();

    internal ValueTask<string?> OnHealth() => Health();

    internal ValueTask OnBecameCurrent() => BecameCurrent();

    internal ValueTask OnIsGoing() => IsGoing();

    internal ValueTask OnConfigChange(ConfigChange change) => ConfigChange(change);

    [MethodImpl(Inlining.NotIntoHotCode)]
    private static T Read<T>(ApplicationDefinition application, string key, bool hasDefault) => Node.Current.Applications.TryGet(application, key, out var value)
        ? Read<T>(application.Name, key, value)
        : throw new KeyNotFoundException(
            $"Application {application.Name} has no '{key}' in its environment; it has {(application.Environment.Count == 0 ? "nothing" : string.Join(", ", application.Environment.Keys.Order(StringComparer.Ordinal)))}. Set it in the release's configuration{(hasDefault ? $", or give a default: Get(\"{key}\", …)" : "")}.");

    private static T Read<T>(string application, string key, JsonElement value)
    {
        try
        {
#pragma warning disable CA1869 // Options remember types for as long as they live, and hot types must not be remembered.
            return value.Deserialize<T>(CodeVersion.Of(typeof(T)) is null ? null : new JsonSerializerOptions())!;
#pragma warning restore CA1869
        }
        catch (JsonException exception)
        {
            throw new JsonException($"'{key}' in the environment of {application} is {value.GetRawText()}, which is not a valid {typeof(T).Name}. Correct the release's configuration.", exception);
        }
    }
}
