namespace Midflight.Host;

/// <summary>What supervisors keep of their children for the next start: arguments, which may be values of an older code version.</summary>
internal static class ChildArguments
{
    /// <summary>Brings them into the current versions, so that a purge finds none of them in the old one.</summary>
    internal static Task Refresh(Node node, TimeSpan patience) =>
        Owners.Do(node, cell => cell.Body is ServerBody { Module: Supervisor or DynamicSupervisor }, Refresh, patience);

    private static void Refresh(Cell owner)
    {
        try
        {
            switch (owner.Body?.State)
            {
                case SupervisorState state:
                    state.Refresh(owner.Body.Version);
                    break;
                case DynamicSupervisorState state:
                    state.Refresh(owner.Body.Version);
                    break;
            }
        }
        // A written conversion may throw anything. The argument stays as it is: the next start of that child fails with the same
        // words, and the report of the purge names who holds it.
        catch (Exception)
        {
        }
    }
}
