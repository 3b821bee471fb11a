using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Finds the way from one type to another through the written conversions of both versions.</summary>
internal static class ConversionRoutes
{
    // On the way up the new code knows the old shape; on the way down the code that is left knows the shape to go back to.
    //
    //   old type --by shape--> earlier shape --[Convert]...--> new type        written in the new version
    //   old type --[Convert]...--> earlier shape --by shape--> new type        written in the old version
    //   old type --by shape--> new type                                        nothing written
    //
    // The shape decides which is meant: an earlier shape with the same members as the other side fits. Where that leaves
    // a choice, also between an earlier shape and none, the version in [Shape] decides.
    public static ConversionRoute Find(ShapeRules rules, Shape old, Shape now)
    {
        var direct = Direct(old, now);
        var candidates = Candidates(rules, old, now).ToList();

        if (candidates.Count == 0)
        {
            return direct;
        }

        var fitting = candidates.Where(candidate => Equal(rules.Change(candidate.Step.Item1, candidate.Step.Item2))).ToList();
        var byVersion = fitting.FirstOrDefault(candidate => candidate.VersionFits);

        if (byVersion is not null)
        {
            return byVersion.Route;
        }

        var straight = rules.Change(old, now);

        if (Equal(straight))
        {
            return direct;
        }

        return (fitting.OrderByDescending(candidate => candidate.Version, StringComparer.Ordinal).FirstOrDefault()
            ?? candidates.FirstOrDefault(candidate =>
                candidate.VersionFits && rules.Change(candidate.Step.Item1, candidate.Step.Item2).Refusals.IsEmpty))?.Route
            ?? direct;
    }

    /// <summary>The way between types that are no namesakes, such as an <c>int</c> that became a record; null if there is none.</summary>
    public static ConversionRoute? Find(ShapeRules rules, TypeName old, TypeName now)
    {
        foreach (var conversion in rules.To.Conversions)
        {
            if (conversion.From.Equals(old) && Chain(rules.To, old, now) is { } calls)
            {
                return new([.. rules.From.Find(old) is null ? [] : new RouteStep[] { new RouteStep.ByShape(old, old) }, .. Calls(calls, inOld: false)]);
            }
        }

        foreach (var conversion in rules.From.Conversions)
        {
            if (conversion.To.Equals(now) && Chain(rules.From, old, now) is { } calls)
            {
                return new([.. Calls(calls, inOld: true), .. rules.To.Find(now) is null ? [] : new RouteStep[] { new RouteStep.ByShape(now, now) }]);
            }
        }

        return null;
    }

    /// <summary>The type that a type which is gone has become, by the name in <c>[Shape]</c>.</summary>
    public static Shape? Renamed(ShapeRules rules, Shape old)
    {
        // Up: the new code has an earlier shape of that name, and a conversion that leads on from it.
        foreach (var earlier in rules.To.EarlierShapes(old.Name))
        {
            foreach (var conversion in rules.To.Conversions)
            {
                if (rules.To.Find(conversion.To) is { EarlierOf: null } end && Chain(rules.To, earlier.Type, end.Type) is not null)
                {
                    return end;
                }
            }
        }

        // Down: the code that is left has a conversion to an earlier shape of another name.
        return rules.From.Conversions.Select(conversion => rules.From.Find(conversion.To))
            .Where(earlier => earlier?.EarlierOf is not null && earlier.EarlierOf != old.Name && Chain(rules.From, old.Type, earlier.Type) is not null)
            .Select(earlier => rules.To.Find(earlier!.EarlierOf!))
            .FirstOrDefault(shape => shape is not null);
    }

    private static ConversionRoute Direct(Shape old, Shape now) => new([new RouteStep.ByShape(old.Type, now.Type)]);

    private static IEnumerable<Candidate> Candidates(ShapeRules rules, Shape old, Shape now)
    {
        foreach (var earlier in rules.To.EarlierShapes(old.Name).Where(earlier => earlier.Name != now.Name))
        {
            if (Chain(rules.To, earlier.Type, now.Type) is { } calls)
            {
                yield return new(
                    new([new RouteStep.ByShape(old.Type, earlier.Type), .. Calls(calls, inOld: false)]),
                    (old, earlier), earlier.Version!, Covers(earlier.Version!, rules.From.VersionOf(old.Name)));
            }
        }

        foreach (var earlier in rules.From.EarlierShapes(now.Name).Where(earlier => earlier.Name != old.Name))
        {
            if (Chain(rules.From, old.Type, earlier.Type) is { } calls)
            {
                yield return new(
                    new([.. Calls(calls, inOld: true), new RouteStep.ByShape(earlier.Type, now.Type)]),
                    (earlier, now), earlier.Version!, Covers(earlier.Version!, rules.To.VersionOf(now.Name)));
            }
        }
    }

    private static IEnumerable<RouteStep> Calls(ImmutableArray<WrittenConversion> calls, bool inOld) =>
        calls.Select(call => new RouteStep.Call(call, inOld));

    // The shortest chain of conversions; generic types take no part.
    private static ImmutableArray<WrittenConversion>? Chain(ShapeCatalog catalog, TypeName start, TypeName end)
    {
        var reached = new HashSet<TypeName> { start };
        var open = new Queue<(TypeName At, ImmutableArray<WrittenConversion> Calls)>([(start, [])]);

        while (open.TryDequeue(out var next))
        {
            foreach (var conversion in catalog.Conversions.Where(conversion => conversion.From.Equals(next.At) && reached.Add(conversion.To)))
            {
                var calls = next.Calls.Add(conversion);

                if (conversion.To.Equals(end))
                {
                    return calls;
                }

                open.Enqueue((conversion.To, calls));
            }
        }

        return null;
    }

    // What stands behind a plus sign tells builds of one version apart, not versions.
    private static bool Covers(string shape, string application) =>
        application.Split('+')[0] is var version && (version == shape || version.StartsWith(shape + ".", StringComparison.Ordinal));

    // The same members, though a member may have the earlier shape of what it holds.
    private static bool Equal(TypeChange change) =>
        change is { Refusals.IsEmpty: true, Added.IsEmpty: true, Dropped.IsEmpty: true } && change.From.Kind == change.To.Kind
        && change.From.Names.SequenceEqual(change.To.Names) && change.Kept.All(kept => kept.Order.IsEmpty && Equal(kept.Rule));

    private static bool Equal(PlaceRule rule) => rule switch
    {
        PlaceRule.Same or PlaceRule.ByRunTimeType or PlaceRule.Hot => true,
        PlaceRule.Parts(var rules) => rules.All(Equal),
        _ => false,
    };

    private sealed record Candidate(ConversionRoute Route, (Shape, Shape) Step, string Version, bool VersionFits);
}
