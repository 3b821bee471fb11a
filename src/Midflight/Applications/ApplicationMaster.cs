using System.Text.Json;

namespace Midflight;

/// <summary>One running application: its process, which is the parent of its top supervisor, and its environment.</summary>
/// <remarks>The process keeps no hot code on its stack while it waits: the start module is looked up again for each callback.</remarks>
internal sealed class ApplicationMaster
{
    private readonly Node _node;
    private readonly Action<ApplicationMaster, ExitReason> _ended;
    private readonly TaskCompletionSource<ExitReason?> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile DefinedApplication _defined;
    private Cell? _cell;

    /// <param name="node">Where it runs.</param>
    /// <param name="definition">Its definition.</param>
    /// <param name="ended">Called when it ends by itself. Runs in its own slice.</param>
    internal ApplicationMaster(Node node, ApplicationDefinition definition, Action<ApplicationMaster, ExitReason> ended)
    {
        (_node, _ended) = (node, ended);
        _defined = DefinedApplication.Of(definition);
    }

    internal string Name => Definition.Name;

    /// <summary>Without the start module's type, which would keep its code version in memory.</summary>
    internal ApplicationDefinition Definition => _defined.Definition;

    /// <summary>The application, and those that it includes.</summary>
    internal IEnumerable<DefinedApplication> Tree => _defined.Tree;

    internal Pid Top { get; private set; }

    /// <summary>Whether a callback is running that the controller waits for.</summary>
    internal volatile bool IsInCallback;

    /// <summary>The process; null for a library.</summary>
    internal Cell? Cell => _cell;

    internal void Define(ApplicationDefinition definition) => _defined = DefinedApplication.Of(definition);

    /// <summary>Starts it.</summary>
    /// <param name="prepare">Called with its process before that runs.</param>
    /// <returns>Null if it is running, otherwise the reason why not.</returns>
    internal Task<ExitReason?> Start(Action<Cell> prepare)
    {
        if (_defined.Module is null)
        {
            return Task.FromResult<ExitReason?>(null);
        }

        Process.Start(
            new Next.Plain(Run, false),
            prepare: cell =>
            {
                _cell = cell;
                cell.Bonds.Owned.Add(new Gone(this));
                prepare(cell);
            },
            node: _node);
        return _started.Task;
    }

    /// <summary>Stops it and waits until it has ended.</summary>
    internal Task Stop()
    {
        if (_cell is null)
        {
            return Task.CompletedTask;
        }

        _cell.Send(StopRequest.Message);
        return _stopped.Task;
    }

    /// <summary>Runs a callback of the start module.</summary>
    /// <param name="version">The code version to run it in, for the start modules that belong to it, including included ones; null for the start module itself, in the current version.</param>
    /// <param name="callback">Which.</param>
    /// <returns>Faulted if the callback throws.</returns>
    internal Task Tell(CodeVersion? version, Func<Application, ValueTask> callback)
    {
        if (_cell is null || (version is not null && Tree.All(one => one.Module?.Application != version.Application)))
        {
            return Task.CompletedTask;
        }

        var telling = new Telling(version, callback);
        _cell.Post(telling);
        return telling.Done.Task;
    }

    private async ProcessTask Run()
    {
        Process.TrapExits = true;

        if (await StartTop() is { } failure)
        {
            await EndTop();
            _started.TrySetResult(failure);

            // Not a normal exit, so that everything that Start left linked ends as well.
            Process.Exit(ExitReason.Shutdown);
        }

        _started.TrySetResult(null);
        ExitReason? reason = null;
        var asked = false;

        while (reason is null)
        {
            switch (await Process.Receive())
            {
                case Exited(var pid, var why) when pid == Top:
                    reason = why;
                    break;
                case StopRequest when !asked:
                    asked = true;
                    Hide();
                    await Call("PrepareStop", module => module.OnPrepareStop());
                    Process.Exit(Top, ExitReason.Shutdown);
                    break;
                case Telling telling:
                    await Tell(telling);
                    break;
            }
        }

        await Call("Stop", module => module.OnStop());

        if (!asked)
        {
            _ended(this, reason);
        }

        Process.Exit(ExitReason.Shutdown);
    }

    private async ValueTask<ExitReason?> StartTop()
    {
        try
        {
            IsInCallback = true;
            Top = await Module().OnStart(new ApplicationStart(Name, Definition.Version, Definition.Mode));

            if (Top.Cell is not { } top)
            {
                return ExitReason.Other($"Start of {_defined.Module} returned no process. Return the pid of the top supervisor.");
            }

            if (!Process.Here.Links.Contains(top) && top.IsDead)
            {
                return ExitReason.Other($"the top supervisor {Top} ended while the application started");
            }

            // Does nothing if it is already linked, as it is by StartLink.
            Process.Link(Top);

            foreach (var (phase, argument) in Definition.StartPhases)
            {
                await Enter(phase, argument);
            }

            // Last: what it shows can be used from now on.
            foreach (var one in Tree.Where(one => one.Module is not null))
            {
                _node.Applications.Fronts.Show(one.Definition.Name, Module(one.Module!));
            }

            return null;
        }
        // Any exception fails the start, and the caller gets it.
        catch (Exception exception)
        {
            return Children.ReasonOf(exception);
        }
        finally
        {
            IsInCallback = false;
        }
    }

    private async ValueTask Enter(string phase, JsonElement argument)
    {
        await Module().OnStartPhase(phase, argument);

        foreach (var included in Tree.Skip(1).Where(included => included.Module is not null))
        {
            foreach (var (_, own) in included.Definition.StartPhases.Where(own => own.Key == phase))
            {
                await Module(included.Module!).OnStartPhase(phase, own);
            }
        }
    }

    // So that nothing of it is running when its start is reported as failed.
    private async ValueTask EndTop()
    {
        if (Top.Cell is { IsDead: false })
        {
            var top = Process.Monitor(Top);
            Process.Exit(Top, ExitReason.Shutdown);
            await Process.Receive<Down>(down => down.Ref == top);
        }
    }

    private async ValueTask Call(string callback, Func<Application, ValueTask> call)
    {
        try
        {
            IsInCallback = true;
            await call(Module());
        }
        // A callback that fails must not keep the application from ending.
        catch (Exception exception)
        {
            ApplicationLog.CallbackFailed(_node.Logger, exception, Name, callback);
        }
        finally
        {
            IsInCallback = false;
        }
    }

    private async ValueTask Tell(Telling telling)
    {
        try
        {
            IsInCallback = true;

            foreach (var module in telling.Version is { } version ? _defined.ModulesIn(version) : [Module()])
            {
                await telling.Callback(module);
            }

            telling.Done.TrySetResult();
        }
        // The upgrade decides what that means.
        catch (Exception exception)
        {
            telling.Done.TrySetException(exception);
        }
        finally
        {
            IsInCallback = false;
        }
    }

    private Application Module() => Module(_defined.Module!);

    /// <summary>An instance of a start module in its current version, for one callback.</summary>
    internal Application Module(ModuleName module)
    {
        var type = module.Resolve();
        return (Application)(CodeVersion.Of(type)?.Modules ?? _node.Modules).Create(type);
    }

    private sealed class StopRequest
    {
        internal static readonly StopRequest Message = new();
    }

    private sealed class Telling : Message
    {
        internal Telling(CodeVersion? version, Func<Application, ValueTask> callback)
            : base("telling")
        {
            (Version, Callback) = (version, callback);
            Content = this;
        }

        internal CodeVersion? Version { get; }

        internal Func<Application, ValueTask> Callback { get; }

        internal TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        // An application that has ended cannot be told.
        internal override void Undeliverable(ExitReason? reason) => Done.TrySetResult();
    }

    private void Hide()
    {
        foreach (var one in Tree)
        {
            _node.Applications.Fronts.Hide(one.Definition.Name);
        }
    }

    // The process has ended, for whatever reason.
    private sealed class Gone(ApplicationMaster master) : IDisposable
    {
        public void Dispose()
        {
            master.Hide();
            master._started.TrySetResult(ExitReason.Killed);
            master._stopped.TrySetResult();
        }
    }
}
