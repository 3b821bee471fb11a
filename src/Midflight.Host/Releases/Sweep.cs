namespace Midflight.Host;

/// <summary>Moves idle processes to the code that has become current, while others work.</summary>
/// <remarks>
/// A working process moves by itself, at its next message. So the sweep waits for nobody, and by using one thread it leaves the others to the working processes.
/// </remarks>
internal sealed class Sweep(Node node)
{
    // Processes between two checks whether others need the thread.
    private const int Chunk = 256;

    /// <summary>Moves every idle process whose code version is no longer current.</summary>
    /// <param name="left">The source versions.</param>
    /// <param name="move">Moves one process, as its owner.</param>
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
                // Anything may have arrived before it was entered.
                if (!cell.Busy && cell.Ending is null && cell.Body is ServerBody { IsStale: true, Version: { } now } && left.Contains(now))
                {
                    ProcessSwitch.As(cell, move);
                }

                cell.Leave();
            }
        }
    }

    /// <summary>Releases the bodies that processes had before an upgrade which is decided now.</summary>
    internal static void ForgetBefore(Node node)
    {
        foreach (var cell in node.Processes.All())
        {
            (cell.Body as ServerBody)?.ForgetBefore();
        }
    }
}
