using System.Collections.Immutable;
using System.Text.Json;

namespace Midflight;

// Values set in the environments of running applications, which override the release's values.
public sealed partial class ApplicationController
{
    private readonly Lock _setting = new();

    // By application, then by key. Replaced under the lock; readers take none.
    private volatile ImmutableDictionary<string, ImmutableDictionary<string, JsonElement>> _set = ImmutableDictionary<string, ImmutableDictionary<string, JsonElement>>.Empty;

    /// <summary>A value of the environment of an application: the value that was set, or else the release's.</summary>
    internal bool TryGet(ApplicationDefinition application, string key, out JsonElement value) =>
        (_set.TryGetValue(application.Name, out var set) && set.TryGetValue(key, out value)) || application.Environment.TryGetValue(key, out value);

    /// <summary>The whole environment of an application.</summary>
    internal IReadOnlyDictionary<string, JsonElement> EnvironmentOf(ApplicationDefinition application) => !_set.TryGetValue(application.Name, out var set)
        ? application.Environment
        : application.Environment.ToImmutableDictionary().SetItems(set);

    internal void Set(string application, string key, JsonElement value)
    {
        ArgumentException.ThrowIfNullOrEmpty(application);
        ArgumentException.ThrowIfNullOrEmpty(key);

        lock (_setting)
        {
            var set = _set.GetValueOrDefault(application, ImmutableDictionary<string, JsonElement>.Empty);
            _set = _set.SetItem(application, set.SetItem(key, value));
        }
    }

    internal bool Unset(string application, string key)
    {
        lock (_setting)
        {
            if (!_set.TryGetValue(application, out var set) || !set.ContainsKey(key))
            {
                return false;
            }

            var left = set.Remove(key);
            _set = left.IsEmpty ? _set.Remove(application) : _set.SetItem(application, left);
            return true;
        }
    }
}
