using System.Collections.Frozen;
using System.Runtime.CompilerServices;

namespace Midflight.Host;

/// <summary>Whether a value leads to certain objects: by types where these tell, else by a look.</summary>
internal static class Reach
{
    private static readonly ConditionalWeakTable<Type, Types> s_known = [];

    /// <summary>Whether something that is wanted can be reached from one of these.</summary>
    /// <param name="items">Where to begin.</param>
    /// <param name="wanted">All that is wanted.</param>
    /// <param name="isWanted">Whether it is one of them.</param>
    public static bool Leads(object?[] items, IEnumerable<object> wanted, Func<object, bool> isWanted)
    {
        Type? last = null;
        var types = wanted.Select(one => one.GetType()).ToHashSet();

        foreach (var item in items)
        {
            // Most are of one type, which cannot lead to any of them.
            if (item is null || item.GetType() == last)
            {
                continue;
            }

            if (TypesOf(item.GetType()) is { } all && !types.Overlaps(all))
            {
                last = item.GetType();
            }
            else if (Look.For(item, isWanted) is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>All types that a value of just this type may lead to, closed ones aside; null where a place in it is open to others.</summary>
    public static FrozenSet<Type>? TypesOf(Type exact) => s_known.GetValue(exact, Types.Of).All;

    // All types that a value of a type may lead to; null where a place in it is open to others.
    private sealed record Types(FrozenSet<Type>? All)
    {
        public static Types Of(Type exact)
        {
            var met = new HashSet<Type> { exact };
            var open = new Stack<Type>(met);

            while (open.TryPop(out var at))
            {
                foreach (var place in at.IsArray ? [at.GetElementType()!] : Closed.Fields(at).Select(field => field.FieldType))
                {
                    if (Closed.IsPlace(place))
                    {
                        continue;
                    }

                    if (!place.IsValueType && !place.IsSealed || place.IsArray || place.IsAssignableTo(typeof(Delegate)))
                    {
                        return new((FrozenSet<Type>?)null);
                    }

                    if (met.Add(place))
                    {
                        open.Push(place);
                    }
                }
            }

            return new(met.ToFrozenSet());
        }
    }
}
