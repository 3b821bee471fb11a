using System.Collections.Immutable;

namespace Midflight.Host;

/// <summary>Checks before a flip that running servers can move: their module exists and their state converts.</summary>
/// <remarks>It looks only at types. What a handwritten conversion does with a state shows when it runs, or in a rehearsal.</remarks>
internal static class StateCheck
{
    /// <returns>The first obstacle; null if there is none.</returns>
    internal static LoadRefusal? Of(Node node, PreparedVersions prepared)
    {
        var next = prepared.Versions.ToDictionary(version => version.Version.Application);

        var servers = node.Processes.All()
            .Select(cell => (cell.Pid, Body: cell.Body as ServerBody))
            .Where(server => server.Body?.Version is { } version && next.ContainsKey(version.Application))
            .GroupBy(server => server.Body!.Module, server => server.Pid);

        foreach (var module in servers)
        {
            var loaded = next[CodeVersion.Of(module.Key.GetType())!.Application];
            var name = module.Key.GetType().FullName!;
            var users = module.ToImmutableArray();

            if (loaded.Version.FindType(name) is not { } type || !typeof(Behaviour).IsAssignableFrom(type))
            {
                return new LoadRefusal.ModuleGone(loaded.Image.ToString(), name, users);
            }

            var refusals = loaded.Version.Incoming?.Check(module.Key.StateType, loaded.Version.Modules.Get(type).StateType) ?? [];

            if (refusals.Count > 0)
            {
                return new LoadRefusal.NotConvertible(loaded.Image.ToString(), name, users, string.Join(" ", refusals));
            }
        }

        return null;
    }
}
