using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Which application starts which included one.</summary>
internal sealed class InclusionTree
{
    private readonly Dictionary<string, string> _includers = [];

    private InclusionTree(ImmutableArray<ReleasedApplication> applications)
    {
        foreach (var (spec, _, _) in applications)
        {
            foreach (var included in spec.IncludedApplications)
            {
                _includers.TryAdd(included, spec.Name);
            }
        }
    }

    /// <summary>Applications that include one another in a circle, if there are any.</summary>
    public static ReleaseProblem? FindCircle(ImmutableArray<ReleasedApplication> applications)
    {
        var tree = new InclusionTree(applications);
        foreach (var name in applications.Select(application => application.Spec.Name))
        {
            List<string> way = [];
            for (var next = name; next is not null; next = tree._includers.GetValueOrDefault(next))
            {
                if (way.IndexOf(next) is >= 0 and var start)
                {
                    return new ReleaseProblem.CircularInclusion([.. way[start..]]);
                }

                way.Add(next);
            }
        }

        return null;
    }

    /// <summary>
    /// An included application runs once the application at the top of its tree has started; so whatever depends on the one depends on the other.
    /// Within one tree nothing changes, and no application depends on its own top.
    /// </summary>
    public static ImmutableArray<ReleasedApplication> UseTops(ImmutableArray<ReleasedApplication> applications)
    {
        var tree = new InclusionTree(applications);
        return
        [
            .. applications.Select(application => application with
            {
                Spec = application.Spec with { Applications = tree.UseTops(application.Spec) },
            }),
        ];
    }

    private ImmutableArray<string> UseTops(ApplicationSpec spec)
    {
        var mine = Top(spec.Name);
        List<string> uses = [.. spec.Applications];
        foreach (var used in spec.Applications)
        {
            if (used == mine)
            {
                uses.Remove(mine);
            }
            else if (_includers.ContainsKey(used))
            {
                var top = Top(used);
                if (uses.Contains(top))
                {
                    uses.Remove(used);
                }
                else if (top != mine)
                {
                    uses.Remove(used);
                    uses.Add(top);
                }
            }
        }

        return [.. uses];
    }

    private string Top(string name)
    {
        while (_includers.TryGetValue(name, out var includer))
        {
            name = includer;
        }

        return name;
    }
}
