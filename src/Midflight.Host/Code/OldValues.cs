namespace Midflight.Host;

/// <summary>What Midflight itself keeps for later and may be of the code that goes.</summary>
internal static class OldValues
{
    /// <summary>
    /// Brings what timers and servers that are not hot are still to pass on into the newer version, and forgets what is kept for crash
    /// reports only.
    /// </summary>
    internal static Task LetGo(Node node, TimeSpan patience)
    {
        node.Timers.Convert();

        // A server of hot code was moved by the account, with all that waits for it. One of Midflight itself stays as it is.
        return Owners.Do(node, cell => cell.Body is ServerBody { Version: null }, LetGo, patience);
    }

    // Owner only.
    private static void LetGo(Cell owner)
    {
        // One at work will soon have another last message.
        if (!owner.Busy)
        {
            (owner.Body as ServerBody)?.ForgetMessage();
        }

        if (!owner.HasMessages)
        {
            return;
        }

        foreach (var message in owner.Mailbox.All().OfType<Message>().Where(message => message.Content is not SystemRequest))
        {
            try
            {
                if (message.Content is not Carrier carrier)
                {
                    message.Content = Door.InCurrent(message.Content);
                }
                else if (carrier.Carried is { } carried)
                {
                    carrier.Carried = Door.InCurrent(carried);
                }
            }
            // It stays as it was, and is converted when it comes to a process of hot code.
            catch (Exception)
            {
            }
        }
    }
}
