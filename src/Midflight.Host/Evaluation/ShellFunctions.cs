namespace Midflight.Host.Evaluation;

/// <summary>What can be called in a shell besides the node's own code, through <c>using static</c>.</summary>
public static class ShellFunctions
{
    /// <summary>The shell's own process.</summary>
    public static Pid self() => Process.Self;

    /// <summary>The process with a number, as in <c>&lt;84&gt;</c>.</summary>
    /// <exception cref="ArgumentException">There is no such process.</exception>
    public static Pid pid(long number) => Node.Current.Processes.Find(number) is { } cell
        ? cell.Pid
        : throw new ArgumentException($"There is no process <{number}>. See ps().", nameof(number));

    /// <summary>Takes all messages from the shell's mailbox, without waiting for more.</summary>
    public static async ValueTask<IReadOnlyList<object>> flush()
    {
        var messages = new List<object>();

        while (await Process.Receive(TimeSpan.Zero) is { } message)
        {
            messages.Add(message);
        }

        return messages;
    }

    /// <summary>The processes of the node, as a table.</summary>
    /// <param name="top">The order of the list. Default: by number; with more than 200 processes, those with the longest queues.</param>
    public static Text ps(ProcessOrder? top = null) => new(ProcessList.Of(Node.Current, top));

    /// <summary>A variable of this shell from before the node's code changed. Used by the shell itself.</summary>
    public static T Carried<T>(string name) =>
        Cell.Current is { } cell && ShellSession.Processes.TryGetValue(cell, out var session)
            ? session.Carried<T>(name)
            : throw new InvalidOperationException("Variables are carried over only in a shell's own process.");
}
