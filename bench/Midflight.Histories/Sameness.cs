using System.Collections;
using System.Globalization;
using System.Reflection;
using Midflight.Host;

namespace Midflight.Histories;

/// <summary>Whether a value of the new version says what one of the old version said.</summary>
internal sealed class Sameness
{
    private readonly HashSet<(object, object)> _under = new(ReferencePairs.Instance);

    /// <summary>Compares, member by member where types are hot, element by element where they are collections.</summary>
    public bool Same(object? old, object? now)
    {
        if (old is null || now is null)
        {
            return old is null && now is null;
        }

        if (ReferenceEquals(old, now) || !_under.Add((old, now)))
        {
            return true;
        }

        if (old.GetType().IsEnum)
        {
            return Alike(old, now);
        }

        if (old.GetType().IsPrimitive)
        {
            return old.Equals(now) || (now is not (char or bool) && old is not (char or bool) && now.GetType().IsPrimitive
                && Convert.ToDouble(old, CultureInfo.InvariantCulture).Equals(Convert.ToDouble(now, CultureInfo.InvariantCulture)));
        }

        if (old is Type or Delegate or MemberInfo)
        {
            return old.ToString() == now.ToString();
        }

        if (!LoadedTypes.IsHot(old.GetType()) && old is IEnumerable olds && now is IEnumerable nows)
        {
            return Elements(olds, nows);
        }

        if (old is System.Runtime.CompilerServices.ITuple tuple && now is System.Runtime.CompilerServices.ITuple other)
        {
            return tuple.Length == other.Length && Enumerable.Range(0, tuple.Length).All(at => Same(tuple[at], other[at]));
        }

        // What a hot type does in Equals may be anything; and a pair or tuple of hot ones is of another type.
        return LoadedTypes.MentionsHot(old.GetType()) ? Members(old, now) : old.GetType() == now.GetType() || old.Equals(now);
    }

    // A number may have several names, and a name that is gone leaves its number.
    private static bool Alike(object old, object now)
    {
        var names = Enum.GetNames(old.GetType()).Where(name => Enum.Parse(old.GetType(), name).Equals(old)).ToList();
        return now.GetType().IsEnum && (names.Count == 0 ? old.ToString() == now.ToString() : names.Any(name => Enum.TryParse(now.GetType(), name, out var same) && same!.Equals(now)));
    }

    private bool Elements(IEnumerable olds, IEnumerable nows)
    {
        var left = nows.Cast<object?>().ToList();

        foreach (var item in olds)
        {
            var at = left.FindIndex(other => Same(item, other));

            if (at < 0)
            {
                return false;
            }

            left.RemoveAt(at);
        }

        return left.Count == 0;
    }

    // A nested type that has changed is a pair of its own: what it dropped is looked at there.
    private bool Members(object old, object now)
    {
        var nows = Fields(now.GetType()).ToLookup(field => field.Name);
        return Fields(old.GetType()).All(field => nows[field.Name].FirstOrDefault() is not { } other || Same(field.GetValue(old), other.GetValue(now)));
    }

    private static IEnumerable<FieldInfo> Fields(Type type) => LoadedTypes.IsHot(type)
        ? ChangedTypes.Fields(type)
        : type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);

    private sealed class ReferencePairs : IEqualityComparer<(object, object)>
    {
        public static ReferencePairs Instance { get; } = new();

        public bool Equals((object, object) one, (object, object) other) => ReferenceEquals(one.Item1, other.Item1) && ReferenceEquals(one.Item2, other.Item2);

        public int GetHashCode((object, object) pair) => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(pair.Item1);
    }
}
