using System.Text;

namespace Midflight.Host;

/// <summary>Looks through objects for which there is no rule, without a limit to how deep they lie.</summary>
internal static class Look
{
    /// <summary>Finds something in an object, the object itself included.</summary>
    /// <param name="root">Where to begin.</param>
    /// <param name="isIt">Whether it is what is looked for.</param>
    /// <returns>What was found, and the way to it, such as <c>.Pages[3]</c>; null if there is nothing.</returns>
    public static (object Found, string Where)? For(object root, Func<object, bool> isIt)
    {
        // Each with the one that it was met in, so that the way can be told.
        var met = new List<(object Object, int From, string Where)> { (root, -1, "") };
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance) { root };

        for (var at = 0; at < met.Count; at++)
        {
            var here = met[at].Object;

            if (isIt(here))
            {
                return (here, Way(met, at));
            }

            if (Ends(here.GetType()))
            {
                continue;
            }

            foreach (var (where, part) in ObjectParts.Of(here))
            {
                if (part is not null && (part is ValueType || seen.Add(part)))
                {
                    met.Add((part, at, where));
                }
            }
        }

        return null;
    }

    private static bool Ends(Type type) => Closed.Value(type) || Live.Is(type);

    private static string Way(List<(object Object, int From, string Where)> met, int at)
    {
        var way = new Stack<string>();

        for (; at > 0; at = met[at].From)
        {
            way.Push(met[at].Where);
        }

        return way.Aggregate(new StringBuilder(), (text, step) => text.Append(step)).ToString();
    }
}
