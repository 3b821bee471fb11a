using System.Collections.Immutable;

namespace Midflight.Host;

/// <summary>What the instructions <c>stop</c> and <c>start</c> of one script have done to children of supervisors, and how to undo it.</summary>
/// <remarks>A supervisor that has ended takes its children along: that is not an error.</remarks>
internal sealed class SwitchedChildren(Node node)
{
    // In stop order.
    private readonly List<(string Module, StoppedChildren Children)> _stopped = [];

    /// <summary>Whether a script that stops these modules stops a process: it runs one of them, and a supervisor can start it again.</summary>
    internal static Predicate<Cell> Stopped(IReadOnlySet<string> modules) =>
        cell => cell.Body is { } body && modules.Contains(body.ModuleName) && cell.Parent?.Body is ServerBody { Module: Supervisor or DynamicSupervisor };

    /// <summary>Stops every process that runs one of these modules under a supervisor, module by module.</summary>
    internal async Task Stop(ImmutableArray<string> modules)
    {
        foreach (var module in modules)
        {
            foreach (var supervisor in new ProcessSwitch(node).Of(body => body is ServerBody { Module: Supervisor or DynamicSupervisor }))
            {
                var children = new StoppedChildren(supervisor.Pid);

                // Recorded first, for a rollback that starts in the middle.
                _stopped.Add((module, children));

                if (!await Of(() => children.Stop(ImmutableHashSet.Create(module))).ConfigureAwait(false))
                {
                    _stopped.RemoveAt(_stopped.Count - 1);
                }
            }
        }
    }

    /// <summary>Starts again what was stopped for these modules; nothing for a module that was not stopped.</summary>
    /// <exception cref="SwitchFailedException">One did not start.</exception>
    internal async Task Start(ImmutableArray<string> modules)
    {
        foreach (var (_, children) in _stopped.Where(stopped => modules.Contains(stopped.Module)).Reverse().ToList())
        {
            try
            {
                await Of(() => Done(children.Start())).ConfigureAwait(false);
            }
            catch (ChildRefusedException refused)
            {
                throw new SwitchFailedException($"{refused.Message.TrimEnd('.')}. Fix it and rebuild the release.", refused);
            }
        }
    }

    /// <summary>Stops what was started again. Called before the code flips back.</summary>
    internal async Task TakeBack()
    {
        foreach (var (_, children) in _stopped)
        {
            await Of(() => Done(children.TakeBack())).ConfigureAwait(false);
        }
    }

    /// <summary>Starts again all that was stopped. After the code has flipped back.</summary>
    /// <returns>What did not start, each in a whole sentence.</returns>
    internal async Task<ImmutableArray<string>> BringBack()
    {
        var failures = ImmutableArray.CreateBuilder<string>();

        foreach (var module in _stopped.Select(stopped => stopped.Module).Distinct().Reverse())
        {
            try
            {
                await Start([module]).ConfigureAwait(false);
            }
            catch (SwitchFailedException failed)
            {
                failures.Add(failed.Message);
            }
        }

        _stopped.Clear();
        return failures.ToImmutable();
    }

    private static async ValueTask<bool> Done(ValueTask step)
    {
        await step.ConfigureAwait(false);
        return true;
    }

    private static async Task<bool> Of(Func<ValueTask<bool>> step)
    {
        try
        {
            return await step().ConfigureAwait(false);
        }
        catch (CallFailedException)
        {
            return false;
        }
    }
}
