using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Finds the elements of a tuple by their names, as members are found.</summary>
internal static class TupleOrder
{
    /// <summary>Where each element of the new tuple stands in the old one; empty where none has moved, or where names do not say for certain.</summary>
    public static ImmutableArray<int> Of(ShapeMember old, ShapeMember now)
    {
        var (before, after) = (old.TupleNames, now.TupleNames);

        // The names of a tuple within would stand among them, as would those of elements behind the seventh.
        if (Elements(old.Type) is not { Length: > 1 and < 8 } count || Elements(now.Type) is not { } other || count.Length != other.Length || before.Length != count.Length || after.Length != count.Length
            || before.Concat(after).Any(name => name.Length == 0) || before.SequenceEqual(after) || !before.ToHashSet().SetEquals(after))
        {
            return [];
        }

        // Which of them may be null is noted by places.
        return old.Nullability.Contains((byte)2) && now.Nullability.Contains((byte)1) ? [] : [.. after.Select(name => before.IndexOf(name))];
    }

    /// <summary>A tuple with its elements in another order.</summary>
    public static TypeName.Named In(TypeName.Named tuple, ImmutableArray<int> order) => tuple with { Arguments = [.. order.Select(at => tuple.Arguments[at])] };

    private static ImmutableArray<TypeName>? Elements(TypeName type) =>
        type is TypeName.Named { FullName: var name, Arguments: var arguments } && name.StartsWith("System.ValueTuple`", StringComparison.Ordinal) ? arguments : null;
}
