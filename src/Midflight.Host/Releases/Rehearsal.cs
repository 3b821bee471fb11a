using System.Collections.Concurrent;
using System.Collections.Immutable;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Runs every conversion of an upgrade on the live states and on the messages that wait, and throws the results away.</summary>
/// <remarks>Each process is looked at between two of its messages and goes on at once; nothing is suspended.</remarks>
internal static class Rehearsal
{
    /// <param name="node">The node.</param>
    /// <param name="code">What would become current.</param>
    /// <param name="script">
    /// What is to be done. The states of those that it stops need not be converted, nor what waits for those that it suspends: they handle it before.
    /// </param>
    /// <param name="patience">How long a process may take to come between two messages.</param>
    /// <returns>How many values were converted; what they lose, a sentence for each member; and the first that could not be, with the number of the others.</returns>
    internal static async Task<(int Converted, ImmutableArray<string> Losses, ReleaseRefusal? Refusal)> Run(
        Node node, CodeFlip code, ImmutableArray<LowLevel> script, TimeSpan patience)
    {
        var losses = new Losses();
        CodeConversion[] conversions = [.. code.Changed.Select(application => code.Target(application)?.Incoming).OfType<CodeConversion>()];

        // Nothing else is converted into code that is not current yet.
        Array.ForEach(conversions, conversion => conversion.Losses = losses);

        try
        {
            var (converted, refusal) = await Run(node, code, script, patience, conversions).ConfigureAwait(false);
            return (converted, losses.Sentences, refusal);
        }
        finally
        {
            Array.ForEach(conversions, conversion => conversion.Losses = null);
        }
    }

    private static async Task<(int Converted, ReleaseRefusal? Refusal)> Run(
        Node node, CodeFlip code, ImmutableArray<LowLevel> script, TimeSpan patience, CodeConversion[] conversions)
    {
        var stopped = script.OfType<LowLevel.Stop>().SelectMany(stop => stop.Modules).ToHashSet();
        var suspended = script.OfType<LowLevel.Suspend>().SelectMany(suspend => suspend.Modules).Select(module => module.Module).ToHashSet();

        var refused = new ConcurrentQueue<ReleaseRefusal.NotConvertible>();
        var converted = 0;
        var cells = new ProcessSwitch(node).Of(body => body.Version is { } version && code.Target(version.Application.Name) is not null, SwitchedChildren.Stopped(stopped));

        // What is compiled for the first process of a module is waited for by that process: the one that has had the least to do.
        var idlest = cells.GroupBy(cell => cell.Body?.ModuleName).Select(module => module.MinBy(cell => cell.Reductions)!).ToHashSet();
        var late = await ProcessSwitch.DoInTurn(idlest.Concat(cells.Where(cell => !idlest.Contains(cell))), Rehearse, patience, node.Time).ConfigureAwait(false);

        if (late.Count > 0)
        {
            return (converted, new ReleaseRefusal.NotAnswering(late[0].Pid, late[0].Body?.ModuleName ?? "?", patience, late.Count - 1));
        }

        foreach (var incoming in conversions)
        {
            foreach (var store in node.Stores.All)
            {
                try
                {
                    converted += store.Rehearse(incoming);
                }
                // As below.
                catch (Exception exception)
                {
                    return (converted, new ReleaseRefusal.StoreNotConvertible(store.Title, exception.Message));
                }
            }
        }

        return (converted, refused.TryDequeue(out var first) ? first with { Others = refused.Count } : null);

        // Nobody is there any more to whom it matters.
        static bool IsIdle(Message message, CodeVersion target) =>
            message is PendingCall { Caller.IsDead: true } or PendingCall { IsReply: true } || Unconverted.IsOfDropped(message.Content, target);

        void Rehearse(Cell cell)
        {
            if (cell.Body is not ServerBody { Version: { } version } body || code.Target(version.Application.Name) is not { } target)
            {
                return;
            }

            var what = "the state";

            try
            {
                // A module that is gone is the script's to deal with.
                if (target.FindType(body.ModuleName) is null)
                {
                    return;
                }

                // One that gets its former body back needs no conversion.
                if (body.Before?.Version != target)
                {
                    body.In(target);
                }

                Interlocked.Increment(ref converted);

                if (suspended.Contains(body.ModuleName) && !cell.Suspended)
                {
                    return;
                }

                foreach (var message in cell.Mailbox.All().OfType<Message>().Where(message => message.Content is not SystemRequest && !IsIdle(message, target)))
                {
                    what = $"the message {message.Content.GetType().Name}";
                    Door.Into(target, message.Content);
                    Interlocked.Increment(ref converted);
                }
            }
            catch (Exception exception)
            {
                // Written conversions may throw anything.
                refused.Enqueue(new(cell.Pid, body.ModuleName, char.ToUpperInvariant(what[0]) + what[1..], exception.Message, 0));
            }
        }
    }
}
