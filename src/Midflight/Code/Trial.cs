namespace Midflight;

/// <summary>An upgrade, as the processes meet it which move into a code version that it has made current.</summary>
/// <remarks>
/// A code version has one from the step that makes it current until that is taken back, or it is unloaded. A process that moves
/// before the upgrade is decided keeps the body which it had until it handles its first message in the new code, so a way back finds it as it was.
/// </remarks>
internal abstract class Trial
{
    /// <summary>Whether it may still be given up, so that the body which a process had is worth keeping.</summary>
    internal abstract bool Keeps { get; }

    /// <summary>The body of a process in the code version gone to: by shape, and by its code change where the upgrade asks for one.</summary>
    /// <param name="body">Of a process between two messages. It is not changed.</param>
    /// <param name="target">Null where its code stays, and only its state changes.</param>
    /// <remarks>Called by the owner of the process. May throw what a written conversion or a code change throws.</remarks>
    internal abstract ServerBody Move(ServerBody body, CodeVersion? target);

    /// <summary>A process could not be moved. Called by its owner.</summary>
    /// <returns>Whether it is to stand still, in the code that it has, until the upgrade is given up. False: it ends.</returns>
    internal abstract bool Holds(Cell cell, Exception exception);

    /// <summary>A message that nobody waits for an answer to could not be brought into the code version, and is lost. Called by the receiver.</summary>
    internal abstract void Lost(Cell cell, object message, Exception exception);
}
