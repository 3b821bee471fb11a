using System.Reflection;
using Midflight.Host;
using Midflight.Releases;

namespace Midflight.Histories;

/// <summary>Finds by the fields alone what a pair of types loses, and whether the plan tells of it.</summary>
internal sealed class Losses
{
    private readonly List<(FieldInfo Old, FieldInfo Now)> _kept = [];

    public Losses(StepVersions versions, Type old, Type now)
    {
        var (olds, nows) = (ChangedTypes.Fields(old).ToList(), ChangedTypes.Fields(now).ToList());

        foreach (var field in olds.ToList())
        {
            if (nows.FirstOrDefault(other => Spelled(other) == Spelled(field) && LoadedTypes.DefinitionName(other.DeclaringType!) == LoadedTypes.DefinitionName(field.DeclaringType!)) is { } same)
            {
                Keep(field, same);
            }
        }

        foreach (var field in olds.ToList())
        {
            // The same type, and only one of each spelling.
            var others = nows.Where(other => Folded(other) == Folded(field) && SameType(field, other)).ToList();

            if (others is [var only] && olds.Count(other => Folded(other) == Folded(field)) == 1)
            {
                Keep(field, only);
            }
        }

        var change = Change(versions, old, now);
        var told = change?.Dropped.Select(member => member.Member.Field).ToHashSet() ?? [];

        // What the plan keeps under another spelling and with a wider type is compared by nobody, and not lost.
        olds.RemoveAll(field => change?.Kept.Any(kept => kept.From.Member.Field == field.Name) == true);
        Silent = olds.FirstOrDefault(field => !told.Contains(field.Name)) is { } lost && change is not null ? $"{lost.Name} is gone without a word"
            : olds.FirstOrDefault(field => nows.Count(other => SameType(field, other)) == 1 && olds.Count(other => SameType(other, field)) == 1) is { } renamed
                ? $"{renamed.Name} is dropped beside {nows.First(other => SameType(renamed, other)).Name}, which may be its new name" : null;
        Told = olds.Count == 0 ? null : $"{string.Join(", ", olds.Select(field => field.Name))} is gone";

        void Keep(FieldInfo from, FieldInfo to)
        {
            _kept.Add((from, to));
            olds.Remove(from);
            nows.Remove(to);
        }
    }

    /// <summary>What is lost although the plan says nothing, or only that it is dropped while it may have a new name; null if there is nothing.</summary>
    public string? Silent { get; }

    /// <summary>What the new type has no place for, and the plan says so; null if there is nothing.</summary>
    public string? Told { get; }

    /// <summary>The first member whose value is not what it was; null if there is none.</summary>
    public string? Between(object old, object now)
    {
        foreach (var (from, to) in _kept.Where(kept => kept.Old.DeclaringType!.IsInstanceOfType(old) && kept.Now.DeclaringType!.IsInstanceOfType(now)))
        {
            var (before, after) = (from.GetValue(old), to.GetValue(now));

            if (!new Sameness().Same(before, after))
            {
                return $"{from.Name} was {Say(before)} and is {Say(after)}";
            }
        }

        return null;
    }

    private static TypeChange? Change(StepVersions versions, Type old, Type now)
    {
        var rules = versions.Rules;
        return rules.From.Find(LoadedTypes.DefinitionName(old)) is { } from && rules.To.Find(LoadedTypes.DefinitionName(now)) is { } to ? rules.Change(from, to) : null;
    }

    private static bool SameType(FieldInfo one, FieldInfo other) => one.FieldType.ToString() == other.FieldType.ToString();

    // `<Name>k__BackingField` and `<name>P` are Name and name.
    private static string Spelled(FieldInfo field) => field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : field.Name;

    private static string Folded(FieldInfo field)
    {
        var name = Spelled(field);
        return (name.StartsWith("m_", StringComparison.Ordinal) ? name[2..] : name.TrimStart('_')).ToUpperInvariant();
    }

    private static string Say(object? value) => value is null ? "null" : value.GetType() is var type && (type.IsPrimitive || type.IsEnum || value is string) ? $"{value}" : type.ToString();
}
