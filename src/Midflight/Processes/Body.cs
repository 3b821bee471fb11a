namespace Midflight;

/// <summary>What a process runs: a function or a behaviour's loop, with its state, in one code version.</summary>
internal abstract class Body
{
    /// <summary>The code version that it runs; null for code that is not hot.</summary>
    internal CodeVersion? Version { get; set; }

    /// <summary>What <see cref="Sys"/> has switched on; null for almost every process. Owner only.</summary>
    internal DebugOptions? Debug { get; private set; }

    /// <summary>Switches it on, or off with null. Owner only.</summary>
    internal virtual void Watch(DebugOptions? debug) => Debug = debug;

    /// <summary>Whether a caller may run it on its own thread while it is idle.</summary>
    internal abstract bool RunsInPlace { get; }

    /// <summary>The module as shown to people: a type's full name.</summary>
    internal abstract string ModuleName { get; }

    /// <summary>What it handles or handled last, as shown to people; null if it has not started. Any thread.</summary>
    internal abstract string? Function { get; }

    /// <summary>Handles what has been fetched, within the cell's budget. Owner only.</summary>
    /// <returns>Whether something was handled.</returns>
    internal abstract bool Step(Cell cell);

    /// <summary>Takes the content of a plain message that it is waiting for, before its next step. Owner only; nothing else waits.</summary>
    /// <returns>False if the message must wait in the mailbox.</returns>
    internal virtual bool TryTake(Cell cell, object content) => false;

    /// <summary>Handles a call on the caller's thread. Owner only; the cell is entered.</summary>
    /// <returns>The reply; or that there is none yet, and the call was queued.</returns>
    internal virtual InPlace HandleInPlace(Cell cell, object request, Func<object, Cell?, PendingCall> queued, Cell? caller) =>
        throw new InvalidOperationException($"{ModuleName} does not run in place.");

    internal virtual void DeadlinePassed(Cell cell, long now)
    {
    }

    /// <summary>It is now what its process runs, in place of another body. Never throws. Owner only.</summary>
    internal virtual void Follow(Cell cell)
    {
    }

    /// <summary>The process has ended for this reason; its mailbox is not yet closed.</summary>
    internal virtual void Ended(Cell cell, ExitReason reason)
    {
    }

    /// <summary>Whether there is work that no message asks for.</summary>
    internal abstract bool HasNext { get; }

    /// <summary>The state as <c>Sys.GetState</c> shows it.</summary>
    internal abstract object? State { get; }

    /// <summary>The state as the module formats it, which may throw.</summary>
    private protected virtual object? FormattedState => State;

    /// <summary>The state as shown in status and crash reports. Never throws. Owner only.</summary>
    internal object? Shown
    {
        get
        {
            try
            {
                return FormattedState;
            }
            // FormatStatus is code of the module, and the requester still wants everything else.
            catch (Exception exception)
            {
                return $"(FormatStatus throws {Excerpt.Of(exception)})";
            }
        }
    }
}
