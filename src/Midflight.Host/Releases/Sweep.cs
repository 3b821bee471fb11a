namespace Midflight.Host;

/// <summary>Takes the processes that rest to the code that has become current, behind the back of those that are at work.</summary>
/// <remarks>
/// One at work goes there by itself, at its next message. So the sweep waits for nobody, and on one thread it leaves the others to who serves.
/// </remarks>
internal sealed class Sweep(Node node)
{
    // Processes between two looks whether others want the thread.
    private const int Chunk = 256;

    /// <summary>Moves every process at rest whose code version is not the current one any more.</summary>
    /// <param name="left">The versions that are left.</param>
    /// <param name="move">Moves one of them, as its owner.</param>
    internal void Run(IReadOnlySet<CodeVersion> left, Action<Cell> move)
    {
        var seen = 0;

        foreach (var cell in node.Processes.All())
        {
            if (cell.Body is not ServerBody { Version: { } version } || !left.Contains(version))
            {
                continue;
            }

            if (++seen % Chunk == 0)
            {
                Thread.Yield();
            }

            if (cell.TryEnter(parked: true))
            {
                // Anything may have come before it was entered.
                if (!cell.Busy && cell.Ending is null && cell.Body is ServerBody { IsStale: true, Version: { } now } && left.Contains(now))
                {
                    ProcessSwitch.As(cell, move);
                }

                cell.Leave();
            }
        }
    }

    /// <summary>Lets go of the bodies that processes had before an upgrade which is decided now.</summary>
    internal static void ForgetBefore(Node node)
    {
        foreach (var cell in node.Processes.All())
        {
            (cell.Body as ServerBody)?.ForgetBefore();
        }
    }
}
