using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Midflight;

/// <summary>The start module of an application: it starts the application's processes as one supervision tree. This is OTP's application behaviour.</summary>
/// <example>
/// <code>
/// public sealed class Octochat : Application
/// {
///     protected override ValueTask&lt;Pid&gt; Start(ApplicationStart start) => GenServer.StartLink&lt;Rooms&gt;();
/// }
/// </code>
/// </example>
/// <remarks>
/// An instance lives for one callback and belongs to the current code version. All callbacks except <see cref="Health"/> run in the process
/// that is the parent of the top supervisor.
/// </remarks>
public abstract class Application
{
    /// <summary>Starts the top supervisor, linked to the calling process, and returns it.</summary>
    /// <remarks>If it throws, the start of the application fails. The application ends when the returned process ends.</remarks>
    protected abstract ValueTask<Pid> Start(ApplicationStart start);

    /// <summary>One phase of the start. Called for each phase, in order, when <see cref="Start"/> has returned; then the included applications are called for it.</summary>
    /// <param name="phase">Its name.</param>
    /// <param name="argument">The phase's argument in the application's definition.</param>
    /// <remarks>
    /// If it throws, the start fails and the processes are stopped again. Applications that depend on this one start when all phases are done. An
    /// included application is called for the phases that it has itself, with its own argument.
    /// </remarks>
    protected virtual ValueTask StartPhase(string phase, JsonElement argument) => throw new NotSupportedException(
        $"{GetType().FullName} has a start phase '{phase}' but does not override StartPhase. Override it, or remove the phase from the application.");

    /// <summary>Called on a stop, while the processes still run.</summary>
    protected virtual ValueTask PrepareStop() => default;

    /// <summary>Called when the processes have ended, whether or not on request.</summary>
    protected virtual ValueTask Stop() => default;

    /// <summary>Called by an upgrade that changes the environment, when the new environment is in place and before suspended processes resume.</summary>
    protected virtual ValueTask ConfigChange(ConfigChange change) => default;

    /// <summary>Called by an upgrade on the code version that has just become current. Not called at a start. Default: nothing.</summary>
    /// <remarks>
    /// <para>
    /// Use it for what the application keeps outside its processes: routes, registrations, timers of others. <see cref="IsGoing"/> has been called on
    /// the previous version. In a rollback, the old version is told that it is current again.
    /// </para>
    /// <para>Processes that are suspended for the upgrade stay suspended until this is done. If it throws, the upgrade is rolled back.</para>
    /// </remarks>
    protected virtual ValueTask BecameCurrent() => default;

    /// <summary>Called by an upgrade on a code version that is no longer current, or that is about to be rolled back. Default: nothing.</summary>
    /// <remarks>Its processes may still be in a callback. If it throws, the upgrade is rolled back; in a rollback, the failure is reported.</remarks>
    protected virtual ValueTask IsGoing() => default;

    /// <summary>Reports the application's health: null if it is healthy, otherwise a sentence that says what is wrong. Default: null.</summary>
    /// <remarks>
    /// <para>
    /// Called at the start of an upgrade's probation, every second during it and at its end, and by the health check of a host. It runs in a process of
    /// its own that belongs to the application, in current code. If it throws, or does not answer within 5 s, the application is unhealthy.
    /// </para>
    /// <para>
    /// An upgrade is rolled back if an application is unhealthy during its probation. So report what keeps the application from working, not that it is busy.
    /// </para>
    /// </remarks>
    protected virtual ValueTask<string?> Health() => default;

    /// <summary>A value of the environment of the calling process's application.</summary>
    /// <typeparam name="T">The type to read the JSON value as.</typeparam>
    /// <exception cref="KeyNotFoundException">There is no such value.</exception>
    /// <exception cref="JsonException">The value is not a <typeparamref name="T"/>.</exception>
    /// <remarks>
    /// A process belongs to the application in whose supervision tree it is. So a process of an included application belongs to the including one. A process
    /// outside any tree belongs to the application whose code it runs. Read the environment of another application, such as an included one, with <see cref="GetFrom{T}"/>.
    /// </remarks>
    public static T Get<T>(string key) => Read<T>(ApplicationController.Here().Definition, key, hasDefault: true);

    /// <summary>A value of the environment of a running application of this node, or of one that a running application includes.</summary>
    /// <typeparam name="T">The type to read the JSON value as.</typeparam>
    /// <exception cref="InvalidOperationException">No such application runs.</exception>
    /// <exception cref="KeyNotFoundException">There is no such value.</exception>
    /// <exception cref="JsonException">The value is not a <typeparamref name="T"/>.</exception>
    public static T GetFrom<T>(string application, string key) => Read<T>(Node.Current.Applications.Loaded(application), key, hasDefault: false);

    /// <summary>A value of the environment of the calling process's application, or a default if there is none.</summary>
    /// <inheritdoc cref="Get{T}(string)"/>
    [MethodImpl(Inlining.NotIntoHotCode)]
    public static T Get<T>(string key, T otherwise)
    {
        var application = ApplicationController.Here().Definition;
        return Node.Current.Applications.TryGet(application, key, out var value) ? Read<T>(application.Name, key, value) : otherwise;
    }

    /// <summary>Sets a value in the environment of an application of this node, in place of the release's value: OTP's <c>set_env</c>.</summary>
    /// <param name="application">Its name. It need not be running yet.</param>
    /// <param name="key">Which value.</param>
    /// <param name="value">Kept as JSON, so that code of any version reads it.</param>
    /// <remarks>
    /// It takes effect at the next <see cref="Get{T}(string)"/>; no process is told. It stays until it is unset or the node ends, also across upgrades, like OTP's
    /// <c>persistent</c>.
    /// </remarks>
    public static void Set<T>(string application, string key, T value) =>
#pragma warning disable CA1869 // As in Read.
        Node.Current.Applications.Set(application, key, JsonSerializer.SerializeToElement(value, CodeVersion.Of(value?.GetType() ?? typeof(T)) is null ? null : new JsonSerializerOptions()));
#pragma warning restore CA1869

    /// <summary>Removes a value that was set, so that the release's value applies again.</summary>
    /// <returns>Whether it was set.</returns>
    public static bool Unset(string application, string key) => Node.Current.Applications.Unset(application, key);

    /// <summary>The whole environment, as JSON, of an application that is running or included in a running one: OTP's <c>get_all_env</c>.</summary>
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
#pragma warning disable CA1869 // Options cache types for as long as they live, and hot types must not be cached.
            return value.Deserialize<T>(CodeVersion.Of(typeof(T)) is null ? null : new JsonSerializerOptions())!;
#pragma warning restore CA1869
        }
        catch (JsonException exception)
        {
            throw new JsonException($"'{key}' in the environment of {application} is {value.GetRawText()}, which is not a valid {typeof(T).Name}. Correct the release's configuration.", exception);
        }
    }
}
