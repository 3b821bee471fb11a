namespace Midflight.Host;

/// <summary>Values that Midflight itself keeps for later, and that may belong to code about to be purged.</summary>
internal static class OldValues
{
    /// <summary>
    /// Converts to the newer version what timers and non-hot servers still have to pass on, and forgets what is kept only for crash
    /// reports.
    /// </summary>
    internal static Task LetGo(Node node, TimeSpan patience)
    {
        node.Timers.Convert();

        // CodeUse has already moved the servers of hot code, with everything that waits for them. Midflight's own servers stay as they are.
        return Owners.Do(node, cell => cell.Body is ServerBody { Version: null }, LetGo, patience);
    }

    // Owner only.
    private static void LetGo(Cell owner)
    {
        // A busy process will soon have another last message.
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
            // It stays as it was, and is converted when it reaches a process of hot code.
            catch (Exception)
            {
            }
        }
    }
}
