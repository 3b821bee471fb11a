using System.Collections.Immutable;

namespace Midflight.Host;

/// <summary>What undoes the steps of a switch that are not about processes, the last first.</summary>
internal sealed class UndoList
{
    private readonly Stack<Func<Task>> _steps = new();

    /// <summary>Adds what undoes a step that is done; null for a step that leaves nothing to be undone.</summary>
    internal void Add(Func<Task>? undo)
    {
        if (undo is not null)
        {
            _steps.Push(undo);
        }
    }

    /// <summary>Undoes all of them.</summary>
    /// <param name="losses">Gets what could not be undone, each in a whole sentence.</param>
    internal async Task Run(ImmutableArray<string>.Builder losses)
    {
        while (_steps.TryPop(out var undo))
        {
            await Attempt(undo, losses).ConfigureAwait(false);
        }
    }

    /// <summary>Does one thing that may fail, and keeps nothing else from being undone.</summary>
    internal static async Task Attempt(Func<Task> undo, ImmutableArray<string>.Builder losses)
    {
        try
        {
            await undo().ConfigureAwait(false);
        }
        // Code of applications runs in it, and may throw anything.
        catch (Exception exception)
        {
            losses.Add($"{exception.Message.TrimEnd('.')}.");
        }
    }
}
