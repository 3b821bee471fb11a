namespace Midflight.Host;

/// <summary>The arguments that supervisors keep for the next start of a child. They may be values of an older code version.</summary>
internal static class ChildArguments
{
    /// <summary>Converts them to the current versions, so that a purge finds no value of the old one.</summary>
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
        // A handwritten conversion may throw anything. The argument then stays as it is: the next start of that child fails with the
        // same message, and the purge report names the process that holds it.
        catch (Exception)
        {
        }
    }
}
