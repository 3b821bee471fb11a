namespace Midflight.Host;

/// <summary>The supervisors whose children one switch reconciles with what Init says in the other version, and the way back.</summary>
/// <remarks>A supervisor that has ended is nobody's failure: whoever starts it again does so in the current code.</remarks>
internal sealed class SwitchedSupervisors
{
    private const string Advice =
        "Processes that change their code stay suspended until the new children run: return Continue from Init, and wait for others in HandleContinueAsync.";

    // True once the added children are started, or some of them.
    private readonly Dictionary<Cell, (SupervisorChange Change, bool Started)> _changes = [];

    /// <summary>Whether children of this supervisor are its affair.</summary>
    internal bool Has(Cell supervisor) => _changes.ContainsKey(supervisor);

    /// <summary>Those whose children are.</summary>
    internal IEnumerable<Cell> All => _changes.Keys;

    /// <summary>Stops what the other Init no longer names, in the code that it runs. Before the code flips.</summary>
    /// <param name="suspended">The processes that are suspended.</param>
    /// <param name="code">Where they go.</param>
    /// <exception cref="SwitchFailedException">That Init is wrong, or one took too long.</exception>
    internal async Task StopDropped(IEnumerable<Cell> suspended, CodeFlip code)
    {
        foreach (var cell in suspended.Where(cell => !Has(cell)).ToList())
        {
            if (cell.Body is not ServerBody { Module: Supervisor or DynamicSupervisor } body)
            {
                continue;
            }

            await Of(cell, async () =>
            {
                if (code.ModuleFor(body) is not { } module)
                {
                    return;
                }

                var change = await SupervisorChange.Plan(cell.Pid, module);
                _changes.Add(cell, (change, false));
                await change.StopDropped();
            }).ConfigureAwait(false);
        }
    }

    /// <summary>Starts what only the other Init names. Once for each supervisor, after it has its new body.</summary>
    /// <exception cref="SwitchFailedException">One did not start.</exception>
    internal async Task StartAdded()
    {
        foreach (var (cell, (change, started)) in _changes.ToList())
        {
            if (!started)
            {
                _changes[cell] = (change, true);
                await Of(cell, () => change.StartAdded().AsTask()).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Stops what was started. Before the code flips back.</summary>
    /// <returns>What could not be, each in a whole sentence.</returns>
    internal Task<IReadOnlyList<string>> TakeBack() => Back(_changes.Where(pair => pair.Value.Started), change => change.TakeBack());

    /// <summary>Starts again what was stopped. After the code has flipped back.</summary>
    /// <returns>What did not start, each in a whole sentence.</returns>
    internal Task<IReadOnlyList<string>> BringBack() => Back(_changes, change => change.BringBack());

    private static async Task<IReadOnlyList<string>> Back(
        IEnumerable<KeyValuePair<Cell, (SupervisorChange Change, bool Started)>> changes, Func<SupervisorChange, ValueTask> step)
    {
        var losses = new List<string>();

        foreach (var (cell, (change, _)) in changes)
        {
            try
            {
                await Of(cell, () => step(change).AsTask()).ConfigureAwait(false);
            }
            catch (SwitchFailedException failed)
            {
                losses.Add(failed.Message);
            }
        }

        return losses;
    }

    private static async Task Of(Cell cell, Func<Task> step)
    {
        try
        {
            await step().ConfigureAwait(false);
        }
        catch (CallFailedException failed) when (failed.Failure != CallFailure.TimedOut)
        {
            // It ended.
        }
        catch (Exception exception)
        {
            throw new SwitchFailedException(
                $"The children of supervisor {cell.Pid} ({cell.Body?.ModuleName}) could not be changed: {Why(exception)}", exception);
        }
    }

    private static string Why(Exception exception) => exception switch
    {
        CallFailedException =>
            $"some did not start or stop within {SupervisorChange.Patience.TotalSeconds} s. Look at what their Init and Terminate wait for. {Advice}",
        ChildRefusedException { Reason.Exception: CallFailedException { Failure: CallFailure.TimedOut } } => $"{exception.Message.TrimEnd('.')}. {Advice}",
        _ => $"{exception.Message.TrimEnd('.')}. Fix it and rebuild the release.",
    };
}
