using System.Collections.Immutable;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Runs every conversion of an upgrade on the live states and on the messages that wait, and throws the results away.</summary>
/// <remarks>Each process is looked at between two of its messages and goes on at once; nothing is suspended. See <see cref="RehearsedStates"/>.</remarks>
internal static class Rehearsal
{
    // How many processes are looked at before what they have is converted: it stays in memory that long.
    private const int AtOnce = 4096;

    /// <param name="node">The node.</param>
    /// <param name="code">What would become current.</param>
    /// <param name="script">
    /// What is to be done. The states of those that it stops need not be converted, nor what waits for those that it suspends: they handle it before.
    /// </param>
    /// <param name="patience">How long a process may take to come between two messages.</param>
    /// <returns>How many values were converted; what they lose, a sentence for each member; who waited long for it; and the first that could not be, with the number of the others.</returns>
    internal static async Task<(int Converted, ImmutableArray<string> Losses, string? Slowest, ReleaseRefusal? Refusal)> Run(
        Node node, CodeFlip code, ImmutableArray<LowLevel> script, TimeSpan patience)
    {
        var losses = new Losses();
        CodeConversion[] conversions = [.. code.Changed.Select(application => code.Target(application)?.Incoming).OfType<CodeConversion>()];

        // Nothing else is converted into code that is not current yet.
        Array.ForEach(conversions, conversion => conversion.Losses = losses);

        try
        {
            var states = new RehearsedStates(code, script.OfType<LowLevel.Suspend>().SelectMany(suspend => suspend.Modules).Select(module => module.Module).ToHashSet(), node.Time);
            var (converted, refusal) = await Run(node, code, script, patience, conversions, states).ConfigureAwait(false);
            return (converted, losses.Sentences, states.Slowest, refusal);
        }
        finally
        {
            Array.ForEach(conversions, conversion => conversion.Losses = null);
        }
    }

    private static async Task<(int Converted, ReleaseRefusal? Refusal)> Run(
        Node node, CodeFlip code, ImmutableArray<LowLevel> script, TimeSpan patience, CodeConversion[] conversions, RehearsedStates states)
    {
        var stopped = script.OfType<LowLevel.Stop>().SelectMany(stop => stop.Modules).ToHashSet();
        var cells = new ProcessSwitch(node).Of(body => body.Version is { } version && code.Target(version.Application.Name) is not null, SwitchedChildren.Stopped(stopped));

        // What cannot be compiled ahead for a module is waited for by the first of its processes: the one that has had the least to do.
        var idlest = cells.GroupBy(cell => cell.Body?.ModuleName).Select(module => module.MinBy(cell => cell.Reductions)!).ToHashSet();

        foreach (var some in idlest.Concat(cells.Where(cell => !idlest.Contains(cell))).Chunk(AtOnce))
        {
            if (await DoInTurn(some, states.Look).ConfigureAwait(false) is { } busy)
            {
                return (states.Converted, busy);
            }

            // Not on the thread of a process, should one have asked for this.
            var left = await Task.Run(states.TakeBeside).ConfigureAwait(false);

            if (await DoInTurn(left, states.Hold).ConfigureAwait(false) is { } busyAgain)
            {
                return (states.Converted, busyAgain);
            }
        }

        var converted = states.Converted;

        foreach (var incoming in conversions)
        {
            foreach (var store in node.Stores.All)
            {
                try
                {
                    converted += store.Rehearse(incoming);
                }
                // Written conversions may throw anything.
                catch (Exception exception)
                {
                    return (converted, new ReleaseRefusal.StoreNotConvertible(store.Title, exception.Message));
                }
            }
        }

        return (converted, states.Refused);

        async Task<ReleaseRefusal?> DoInTurn(IReadOnlyCollection<Cell> some, Action<Cell> action)
        {
            var late = await ProcessSwitch.DoInTurn(some, action, patience, node.Time).ConfigureAwait(false);
            return late is [var first, ..] ? new ReleaseRefusal.NotAnswering(first.Pid, first.Body?.ModuleName ?? "?", patience, late.Count - 1) : null;
        }
    }
}
