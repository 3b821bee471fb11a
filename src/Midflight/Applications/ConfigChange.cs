using System.Collections.Immutable;
using System.Text.Json;

namespace Midflight;

/// <summary>What an upgrade changes in the environment of an application.</summary>
/// <param name="Changed">Keys that had another value, with the new one.</param>
/// <param name="Added">New keys.</param>
/// <param name="Removed">Keys that are gone.</param>
public sealed record ConfigChange(
    ImmutableDictionary<string, JsonElement> Changed, ImmutableDictionary<string, JsonElement> Added, ImmutableArray<string> Removed)
{
    /// <summary>Whether nothing changes.</summary>
    public bool IsEmpty => Changed.IsEmpty && Added.IsEmpty && Removed.IsEmpty;

    internal static ConfigChange Between(IReadOnlyDictionary<string, JsonElement> before, IReadOnlyDictionary<string, JsonElement> after) => new(
        after.Where(now => before.TryGetValue(now.Key, out var was) && !JsonElement.DeepEquals(was, now.Value)).ToImmutableDictionary(),
        after.Where(now => !before.ContainsKey(now.Key)).ToImmutableDictionary(),
        [.. before.Keys.Where(key => !after.ContainsKey(key)).Order(StringComparer.Ordinal)]);
}
