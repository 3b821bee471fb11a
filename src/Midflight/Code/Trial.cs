namespace Midflight;

/// <summary>An upgrade, from the view of the processes that move into a code version that it has made current.</summary>
/// <remarks>
/// A code version has one from the step that makes it current until that is undone, or the version is unloaded. A process that moves
/// before the upgrade is decided keeps its old body until it handles its first message in the new code, so a rollback finds it unchanged.
/// </remarks>
internal abstract class Trial
{
    /// <summary>Whether it may still be rolled back, so that a process's old body is worth keeping.</summary>
    internal abstract bool Keeps { get; }

    /// <summary>The body of a process in the target code version: by shape, and by its code change if the upgrade asks for one.</summary>
    /// <param name="body">The body of a process between two messages. It is not changed.</param>
    /// <param name="target">Null if the code stays and only the state changes.</param>
    /// <remarks>Called by the owner of the process. May throw any exception of a written conversion or a code change.</remarks>
    internal abstract ServerBody Move(ServerBody body, CodeVersion? target);

    /// <summary>A process could not be moved. Called by its owner.</summary>
    /// <returns>Whether it stays suspended, in its present code, until the upgrade is rolled back. False: it ends.</returns>
    internal abstract bool Holds(Cell cell, Exception exception);

    /// <summary>A message to which nobody expects an answer could not be converted to the code version, and is lost. Called by the receiver.</summary>
    internal abstract void Lost(Cell cell, object message, Exception exception);
}
