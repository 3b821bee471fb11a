namespace Midflight.Host;

/// <summary>What Midflight itself keeps for later and may be of the code that goes.</summary>
internal static class OldValues
{
    /// <summary>Brings messages of timers into the newer version, and forgets what is kept for crash reports only.</summary>
    internal static void LetGo(Node node)
    {
        node.Timers.Convert();

        // A server of hot code was moved by the account, and that forgets as well. One of Midflight itself stays as it is.
        foreach (var cell in node.Processes.All().Where(cell => cell.Body is ServerBody { Version: null }))
        {
            // Any other is at work, and will soon have another last message.
            if (cell.TryEnter(parked: true))
            {
                if (!cell.Busy)
                {
                    (cell.Body as ServerBody)?.ForgetLastMessage();
                }

                cell.Leave();
            }
        }
    }
}
