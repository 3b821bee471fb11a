using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Midflight.Host;

/// <summary>A member that the new type no longer has, and of which the new code does not say that its loss is meant.</summary>
/// <param name="Type">The type that drops it, as a person writes it.</param>
/// <param name="Member">The member's name in the old type.</param>
internal sealed record LostMember(string Type, string Member);

/// <summary>What a rehearsal has found that an upgrade would lose: what dropped members hold, in the values that are there now.</summary>
/// <remarks>Filled by many threads at once. It keeps no value, only a text of one.</remarks>
internal sealed class Losses
{
    private const int LongestExample = 60;

    // Most have none.
    private ConcurrentDictionary<LostMember, Found>? _made;

    private ConcurrentDictionary<LostMember, Found> All => LazyInitializer.EnsureInitialized(ref _made);

    /// <summary>A sentence for each member, in the order of their names, which ends with what to write.</summary>
    public ImmutableArray<string> Sentences =>
    [
        .. All.OrderBy(found => $"{found.Key.Type}.{found.Key.Member}", StringComparer.Ordinal).Select(found => string.Create(
            CultureInfo.InvariantCulture,
            $"{found.Key.Type}.{found.Key.Member} is gone, and {found.Value.Count:N0} {(found.Value.Count == 1 ? "value holds" : "values hold")} something in it, such as {found.Value.Example}. "
            + $"If {found.Key.Type} has it under another name now, write `[Renamed(\"{found.Key.Member}\", \"NEW\")]` on it; if the loss is meant, `[Dropped(\"{found.Key.Member}\")]`.")),
    ];

    /// <summary>Notes what a dropped member holds in one value. Null, zero and what is empty is no loss.</summary>
    public void Note(LostMember member, object? held)
    {
        if (held is not null && !IsNothing(held))
        {
            All.AddOrUpdate(member, static (_, held) => new(1, Example(held)), static (_, found, _) => found with { Count = found.Count + 1 }, held);
        }
    }

    /// <summary>Adds what one value was found to lose.</summary>
    public void Add(Losses others)
    {
        foreach (var (member, more) in others._made ?? [])
        {
            All.AddOrUpdate(member, static (_, more) => more, static (_, found, more) => found with { Count = found.Count + more.Count }, more);
        }
    }

    // Looks only: nothing of the application runs for it.
    private static bool IsNothing(object held)
    {
        var type = held.GetType();
        return held switch
        {
            string text => text.Length == 0,
            Array array => array.Length == 0,
            Enum or ValueType when type.IsEnum || Closed.Value(type) => held.Equals(RuntimeHelpers.GetUninitializedObject(type)),
            _ => type == typeof(object) || Live.Is(type) || CountOf(held, type) == 0,
        };
    }

    private static string Example(object held)
    {
        var type = held.GetType();
        return held switch
        {
            string text => $"\"{(text.Length <= LongestExample ? text : text[..LongestExample] + "…")}\"",
            Enum or ValueType when type.IsEnum || Closed.Value(type) => Excerpt.Of(held, LongestExample),
            _ => CountOf(held, type) is { } count ? $"{Wording.One(type)} of {count}" : Wording.One(type),
        };
    }

    // Of a collection of .NET only: another one's Count is code of the application.
    private static int? CountOf(object held, Type type) => held is Array array ? array.Length
        : held is IEnumerable && SharedConverters.RowOf(type) is var (_, row) && row == type ? type.GetProperty("Count")?.GetValue(held) as int?
        : null;

    private sealed record Found(int Count, string Example);
}
