namespace Midflight.Host;

/// <summary>What a node keeps outside of its processes (tables, registries, persistent values) while a switch takes it to other code.</summary>
internal sealed class SwitchedStores(Node node)
{
    private readonly Stack<(HotStore Store, Action Undo)> _undo = new();

    /// <summary>Converts everything. While those are suspended who change code; others read on meanwhile.</summary>
    /// <exception cref="SwitchFailedException">Something cannot be converted.</exception>
    internal void Bring(CodeFlip code)
    {
        foreach (var application in code.Changed)
        {
            if (code.Target(application) is not { } target)
            {
                continue;
            }

            foreach (var store in node.Stores.All)
            {
                try
                {
                    if (store.Bring(target, code.Source(application)) is { } undo)
                    {
                        _undo.Push((store, undo));
                    }
                }
                catch (Exception exception)
                {
                    throw new SwitchFailedException(
                        $"What {store.Title} holds could not be converted: {exception.Message.TrimEnd('.')}. Fix it and rebuild the release.", exception);
                }
            }
        }
    }

    /// <summary>Puts everything back as it was; what has been written since is converted back.</summary>
    /// <returns>What could not be, each in a whole sentence.</returns>
    internal IEnumerable<string> PutBack()
    {
        var losses = new List<string>();

        while (_undo.TryPop(out var done))
        {
            try
            {
                done.Undo();
            }
            // A written conversion may throw anything. The values stay in the new code's words, and are converted for each who reads.
            catch (Exception exception)
            {
                losses.Add($"What {done.Store.Title} holds could not be converted back: {exception.Message.TrimEnd('.')}.");
            }
        }

        return losses;
    }
}
