namespace Midflight;

/// <summary>Registers a process that is about to start under its name or its key in a registry.</summary>
internal static class StartName
{
    /// <summary>Takes name and key for a process whose cell the caller owns: both or neither.</summary>
    /// <returns>The process that has the name or the key; null if this one has it now.</returns>
    /// <exception cref="InvalidOperationException">There is no such registry, or its keys are not unique.</exception>
    internal static ExitReason? Take(Cell cell, string? name, Via? via)
    {
        var registry = via?.Store;

        while (name is not null && !cell.Node.Names.TryAdd(name, cell))
        {
            // Its previous owner may have ended just now; then it is free.
            if (cell.Node.Names.Find(name) is { } owner)
            {
                return ExitReason.TakenBy(owner.Pid, $"the name '{name}'");
            }
        }

        while (registry?.TryAdd(via!.Key, cell, via.Value) == false)
        {
            if (via!.Find() is not { } owner)
            {
                continue;
            }

            if (name is not null)
            {
                cell.Node.Names.Remove(name, cell);
            }

            return ExitReason.TakenBy(owner.Pid, via.ToString());
        }

        return null;
    }

    /// <summary>Releases the name and key of a process. Any thread.</summary>
    internal static void GiveBack(Cell cell, string? name, Via? via)
    {
        if (name is not null)
        {
            cell.Node.Names.Remove(name, cell);
        }

        if (via is not null)
        {
            var registry = via.Store;

            foreach (var entry in registry.Find(via.Key).Where(entry => entry.Token.Process == cell).ToList())
            {
                registry.Remove(entry.Token);
            }
        }
    }
}
