using System.Collections.Concurrent;

namespace Midflight;

/// <summary>The applications of one node: starts them in the order of their dependencies and stops them in reverse.</summary>
#pragma warning disable CA1001 // A semaphore whose wait handle nobody takes holds nothing to dispose.
public sealed partial class ApplicationController
#pragma warning restore CA1001
{
    private readonly Node _node;
    private readonly TaskCompletionSource<ApplicationExit> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Held while something starts or stops. An application that ends by itself only leaves the two tables below.
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Lock _lock = new();

    // In start order; owned by the lock.
    private readonly List<ApplicationMaster> _running = [];
    private readonly ConcurrentDictionary<Cell, ApplicationMaster> _masters = new();

    internal ApplicationController(Node node) => (_node, Fronts) = (node, new(this));

    /// <summary>Completes when an application has ended that should end the node. Whoever runs the node then disposes it.</summary>
    public Task<ApplicationExit> Exit => _exit.Task;

    /// <summary>The running applications, in start order.</summary>
    public IReadOnlyList<RunningApplication> Running =>
        Masters().ConvertAll(one => new RunningApplication(one.Name, one.Definition.Version, one.Definition.Mode, one.Top));

    /// <summary>Starts an application that is not part of a release, and waits until it runs.</summary>
    /// <inheritdoc cref="Start(IReadOnlyList{ApplicationDefinition})"/>
    public Task Start<TApplication>()
        where TApplication : Application => Start(ApplicationDefinition.Of<TApplication>());

    /// <summary>Starts an application and waits until it runs.</summary>
    /// <inheritdoc cref="Start(IReadOnlyList{ApplicationDefinition})"/>
    public Task Start(ApplicationDefinition application) => Start([application]);

    /// <summary>Starts applications, each after its dependencies, and waits until all are running.</summary>
    /// <exception cref="ApplicationRefusedException">
    /// One is already running, a dependency is missing or circular, or a start failed. The applications that this call started are stopped again.
    /// </exception>
    public async Task Start(IReadOnlyList<ApplicationDefinition> applications)
    {
        ArgumentNullException.ThrowIfNull(applications);
        await Enter().ConfigureAwait(false);

        try
        {
            await StartInOrder(applications).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Starts the applications that are not running, each after its dependencies, and waits until all are running: OTP's <c>ensure_all_started</c>.</summary>
    /// <returns>The names of the applications that this call started, in start order.</returns>
    /// <exception cref="ApplicationRefusedException">
    /// A dependency is missing or circular, or a start failed. The applications that this call started are stopped again; the others keep running.
    /// </exception>
    public async Task<IReadOnlyList<string>> EnsureAllStarted(IReadOnlyList<ApplicationDefinition> applications)
    {
        ArgumentNullException.ThrowIfNull(applications);
        await Enter().ConfigureAwait(false);

        try
        {
            var running = Masters();
            var left = applications.Where(application => !running.Exists(one => one.Definition.Provides(application.Name))).DistinctBy(application => application.Name);
            return await StartInOrder([.. left]).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    // Called while holding the turn.
    private async Task<IReadOnlyList<string>> StartInOrder(IReadOnlyList<ApplicationDefinition> applications)
    {
        var ordered = DependencyOrder.Of(applications, Masters().ConvertAll(running => running.Definition));
        var started = new Stack<ApplicationMaster>();

        foreach (var definition in ordered)
        {
            if (await TryStart(definition).ConfigureAwait(false) is { } reason)
            {
                while (started.TryPop(out var one))
                {
                    await Stop(one).ConfigureAwait(false);
                }

                throw new ApplicationRefusedException($"Application {definition.Name} {definition.Version} was not started: {reason}", reason);
            }

            started.Push(Find(definition.Name)!);
        }

        return [.. ordered.Select(definition => definition.Name)];
    }

    private List<ApplicationMaster> Masters()
    {
        lock (_lock)
        {
            return [.. _running];
        }
    }

    private async Task<ExitReason?> TryStart(ApplicationDefinition definition)
    {
        var master = new ApplicationMaster(_node, definition, Ended);

        // Known before its processes start, because they ask for their environment.
        lock (_lock)
        {
            _running.Add(master);
        }

        var starting = master.Start(cell => _masters[cell] = master);

        if (await starting.ConfigureAwait(false) is { } reason)
        {
            Forget(master);
            return reason;
        }

        ApplicationLog.Started(_node.Logger, definition.Name, definition.Version);
        return null;
    }

    /// <summary>Stops an application and waits until its processes have ended.</summary>
    /// <exception cref="ApplicationRefusedException">It is not running, or another running application depends on it.</exception>
    public async Task Stop(string name)
    {
        await Enter().ConfigureAwait(false);

        try
        {
            var master = Find(name) ?? throw new ApplicationRefusedException($"Application {name} is not running, so it cannot be stopped.");

            if (Users(master.Definition) is [_, ..] users)
            {
                throw new ApplicationRefusedException($"Application {name} was not stopped: {string.Join(", ", users)} {(users.Count == 1 ? "depends" : "depend")} on it. Stop {(users.Count == 1 ? "that" : "those")} first.");
            }

            await Stop(master).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Stops all applications, in reverse start order.</summary>
    public async ValueTask StopAll()
    {
        await Enter().ConfigureAwait(false);

        try
        {
            while (Last() is { } master)
            {
                await Stop(master).ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task Stop(ApplicationMaster master)
    {
        await master.Stop().ConfigureAwait(false);

        if (Forget(master))
        {
            ApplicationLog.Stopped(_node.Logger, master.Name, master.Definition.Version);
        }
    }

    /// <summary>What applications show outside their processes.</summary>
    internal ApplicationFronts Fronts { get; }

    /// <summary>Puts the definition of another release in place: version, dependencies, environment, start module. Processes are not touched.</summary>
    /// <returns>The resulting change of the environment, for <see cref="Tell(string, ConfigChange)"/>. To undo it, put the old definition back.</returns>
    internal ConfigChange Replace(ApplicationDefinition definition)
    {
        var master = Find(definition.Name) ?? throw new ApplicationRefusedException($"Application {definition.Name} is not running, so it cannot be changed.");
        var before = EnvironmentOf(master.Definition);
        master.Define(definition);
        return ConfigChange.Between(before, EnvironmentOf(definition));
    }

    /// <summary>Tells an application what has changed in its environment, if anything has.</summary>
    /// <returns>Faulted with what its ConfigChange throws.</returns>
    internal Task Tell(string name, ConfigChange change) =>
        change.IsEmpty ? Task.CompletedTask : Find(name)?.Tell(null, module => module.OnConfigChange(change)) ?? Task.CompletedTask;

    /// <summary>Calls a start module in a code version, if that version has it and the application is running. The same for included applications.</summary>
    /// <returns>Faulted if the callback throws.</returns>
    internal async Task Tell(CodeVersion version, Func<Application, ValueTask> callback)
    {
        foreach (var master in Masters())
        {
            await master.Tell(version, callback).ConfigureAwait(false);
        }
    }

    /// <summary>Asks all running applications for their health.</summary>
    /// <returns>A whole sentence that says what is wrong with an unhealthy one; null if all are healthy.</returns>
    internal async Task<string?> Illness()
    {
        var answers = await Task.WhenAll(Masters().Select(async master => (master.Name, Ill: await ApplicationHealth.Ask(master, _node).ConfigureAwait(false)))).ConfigureAwait(false);
        return answers.FirstOrDefault(answer => answer.Ill is not null) is (var name, { } ill) ? $"Application {name} is unhealthy: {ill.TrimEnd('.')}." : null;
    }

    /// <summary>The definition by which an application runs, without its start module; null if it is not running.</summary>
    internal ApplicationDefinition? Definition(string name) => Find(name)?.Definition;

    /// <summary>The definition of an application that is running, or included in a running one.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    internal ApplicationDefinition Loaded(string name) =>
        (Find(name)?.Definition ?? Masters().SelectMany(master => master.Tree).FirstOrDefault(application => application.Definition.Name == name)?.Definition)
        ?? throw new InvalidOperationException($"Application {name} is not running and is not included in one that is, so it has no environment. Start it, or correct the name.");

    /// <summary>The application to which the calling process belongs.</summary>
    internal static ApplicationMaster Here()
    {
        var self = Process.Here;
        var controller = self.Node.Applications;

        return controller.Of(self)
            ?? (self.Body?.Version is { } version ? controller.Find(version.Application.Name) : null)
            ?? throw new InvalidOperationException(
                $"Process {self.Pid} belongs to no running application, so it has no environment. Start it in an application's supervision tree.");
    }

    private ApplicationMaster? Of(Cell? cell)
    {
        for (; cell is not null; cell = cell.Parent)
        {
            if (_masters.TryGetValue(cell, out var master))
            {
                return master;
            }
        }

        return null;
    }

    // A callback of a start or stop must not wait for its turn: it would wait for itself.
    private Task Enter() => Of(Cell.Current) is { IsInCallback: true } master
        ? throw new InvalidOperationException(
            $"Application {master.Name} starts or stops another application from its own callback, and would wait forever. Declare that one as a dependency.")
        : _turn.WaitAsync();

    private void Ended(ApplicationMaster master, ExitReason reason)
    {
        Forget(master);
        var definition = master.Definition;
        var ends = definition.Mode == StartMode.Permanent || (definition.Mode == StartMode.Transient && reason != ExitReason.Normal);
        ApplicationLog.Ended(
            _node.Logger, definition.Name, definition.Version, reason.ToString(), definition.Mode, ends ? ", so the node ends" : "");

        if (ends)
        {
            _exit.TrySetResult(new ApplicationExit(definition.Name, definition.Mode, reason));
        }
    }

    private bool Forget(ApplicationMaster master)
    {
        if (master.Cell is { } cell)
        {
            _masters.TryRemove(cell, out _);
        }

        lock (_lock)
        {
            return _running.Remove(master);
        }
    }

    /// <summary>The running application with this name, or the one that includes the application with this name.</summary>
    internal ApplicationMaster? Serving(string name) => Masters().Find(one => one.Tree.Any(part => part.Definition.Name == name));

    private ApplicationMaster? Find(string name) => Masters().Find(one => one.Name == name);

    private ApplicationMaster? Last() => Masters().LastOrDefault();

    private List<string> Users(ApplicationDefinition used) =>
        [.. Masters().Select(one => one.Definition).Where(one => one.Name != used.Name && one.Dependencies.Any(used.Provides)).Select(one => one.Name)];
}
