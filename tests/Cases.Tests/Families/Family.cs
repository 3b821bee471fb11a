using System.Globalization;

namespace Midflight.Cases;

/// <summary>A random family of types in two versions, and a graph of values of them.</summary>
/// <remarks>
/// The right answer is known without the engine: the new version makes the same graph itself, with its own constructors giving what is new, and
/// what has been converted has to look the same.
/// </remarks>
internal sealed class Family
{
    private readonly Random _random;
    private readonly List<FamilyType> _types = [];
    private readonly List<(FamilyType Type, List<(FamilyMember Member, FamilyValue Value)> Members)> _objects = [];
    private int _names;

    public Family(int seed, string prefix)
    {
        (_random, Prefix) = (new Random(seed), prefix);
        var count = _random.Next(2, 6);

        for (var i = 0; i < count; i++)
        {
            var parent = i > 1 && Chance(0.3) ? _types.FirstOrDefault(type => type is { Kind: FamilyKind.Class, IsMoved: false, BecomesRecord: false }) : null;
            _types.Add(new(
                $"{prefix}C{i}",
                i == 0 || parent is not null ? FamilyKind.Class : Pick(FamilyKind.Class, FamilyKind.Class, FamilyKind.Record, FamilyKind.Struct),
                parent,
                IsMoved: i > 0 && parent is null && Chance(0.15),
                BecomesRecord: parent is null && !_types.Any(type => type.Parent == null) && Chance(0.1)));
        }

        foreach (var type in _types)
        {
            Fill(type);
        }

        var objects = _random.Next(2, 7);

        for (var i = 0; i < objects; i++)
        {
            var candidates = _types.Where(type => type.Kind != FamilyKind.Struct).ToList();
            _objects.Add((i == 0 ? _types[0] : candidates[_random.Next(candidates.Count)], []));
        }

        foreach (var (type, members) in _objects)
        {
            members.AddRange(type.All.Where(member => member.InOld).Select(member => (member, Value(member.Sort, 2))));
        }
    }

    /// <summary>What the names of its types begin with.</summary>
    public string Prefix { get; }

    /// <summary>Its types.</summary>
    public IReadOnlyList<FamilyType> Types => _types;

    /// <summary>The objects of the graph, the first of which holds the others, and what is in their members.</summary>
    public IReadOnlyList<(FamilyType Type, List<(FamilyMember Member, FamilyValue Value)> Members)> Objects => _objects;

    private bool Chance(double share) => _random.NextDouble() < share;

    private T Pick<T>(params T[] choices) => choices[_random.Next(choices.Length)];

    private void Fill(FamilyType type)
    {
        var count = _random.Next(1, 6);

        // A member that goes beside one that comes is a question for a person, so a type has either.
        var drops = Chance(0.2);

        for (var i = 0; i < count; i++)
        {
            var name = $"M{_names++}";
            var sort = Sort(2, type);
            var (old, now) = type.Kind == FamilyKind.Class ? (Style(), Style()) : (FamilyStyle.Field, FamilyStyle.Field);
            type.Members.Add(new(name, sort, old, Chance(0.6) ? old : now, true, !(drops && sort is FamilySort.Leaf { Old: not "string" } && Chance(0.4)), null, false));
        }

        if (!drops && type.Kind == FamilyKind.Class && type.Parent?.All.All(member => member.InNow) != false)
        {
            for (var i = _random.Next(0, 3); i > 0; i--)
            {
                var (sort, initial) = Pick<(FamilySort, string)>(
                    (new FamilySort.Leaf("int", "int", "0"), "7"), (new FamilySort.Leaf("string", "string", "\"\""), "\"new\""), (new FamilySort.Leaf("bool", "bool", "false"), "true"),
                    (new FamilySort.Leaf("long?", "long?", "null"), "null"), (new FamilySort.Leaf("List<int>", "List<int>", "[]"), "new()"), (new FamilySort.Leaf("string[]", "string[]", "[]"), "[]"),
                    (new FamilySort.Leaf("TimeSpan", "TimeSpan", "default"), "TimeSpan.FromSeconds(5)"), (new FamilySort.Leaf("Dictionary<string, object>", "Dictionary<string, object>", "[]"), "new(StringComparer.Ordinal)"),
                    (new FamilySort.Leaf("object?", "object?", "null"), "null"), (new FamilySort.Leaf("ImmutableList<int>", "ImmutableList<int>", "[]"), "ImmutableList<int>.Empty"));
                type.Members.Add(new($"M{_names++}", sort, FamilyStyle.Field, Pick(FamilyStyle.Field, FamilyStyle.Property), false, true, initial, Chance(0.3)));
            }
        }
    }

    private FamilyStyle Style() => Pick(FamilyStyle.Field, FamilyStyle.Property, FamilyStyle.Private);

    private FamilySort Sort(int depth, FamilyType type) => _random.Next(depth > 0 ? 12 : 5) switch
    {
        0 or 1 when depth == 2 && Chance(0.2) => Pick<FamilySort>(new FamilySort.Leaf("int", "long", ""), new FamilySort.Leaf("int", "int?", ""), new FamilySort.Leaf("int?", "int", "")),
        0 or 1 => Pick("int", "string", "double", "int?", "DateTime", "decimal") is var leaf ? new FamilySort.Leaf(leaf, leaf, "") : throw new InvalidOperationException(),
        2 => new FamilySort.Enumeration(),
        3 => new FamilySort.Function(),
        4 => Hot(type),
        5 => new FamilySort.Any(),
        6 or 7 or 8 when Pick(FamilyCollection.All) is var old =>
            new FamilySort.Collection(old, old.Becomes.Length > 0 && Chance(0.3) ? Pick(old.Becomes) : old, Sort(depth - 1, type)),
        9 => new FamilySort.Collection(Pick(FamilyCollection.Wrappers), null, Sort(0, type)),
        _ => Hot(type),
    };

    // A struct cannot hold itself.
    private FamilySort Hot(FamilyType holder)
    {
        var choices = _types.Where(type => type.Kind != FamilyKind.Struct || (holder.Kind != FamilyKind.Struct)).ToList();
        return choices.Count == 0 ? new FamilySort.Enumeration() : new FamilySort.Hot(choices[_random.Next(choices.Count)]);
    }

    private FamilyValue Value(FamilySort sort, int depth) => sort switch
    {
        FamilySort.Leaf { Old: var type } => new FamilyValue.Text(Literal(type)),
        FamilySort.Enumeration => new FamilyValue.Text($"{Prefix}E.{Pick("A", "B", "C")}"),
        FamilySort.Function => new FamilyValue.Text($"{Prefix}Fn.{Pick("F", "G")}"),
        FamilySort.Hot { Type: { Kind: FamilyKind.Struct } type } => new FamilyValue.Struct(type, [.. type.Members.Where(member => member.InOld).Select(member => (member, Value(member.Sort, depth - 1)))]),
        FamilySort.Hot { Type: var type } => Candidates(type) is { Count: > 0 } objects && Chance(0.8) ? new FamilyValue.Object(objects[_random.Next(objects.Count)]) : new FamilyValue.Text("null!"),
        FamilySort.Any => depth == 0 ? new FamilyValue.Text("\"any\"") : AnyValue(depth),
        FamilySort.Collection { Old: var old, Element: var element } collection =>
            new FamilyValue.Items(collection, [.. Enumerable.Range(0, old.Exactly ?? _random.Next(0, 4)).Select(_ => Value(element, depth - 1))]),
        _ => throw new InvalidOperationException($"No value of {sort}."),
    };

    private FamilyValue.Boxed AnyValue(int depth)
    {
        var sort = Pick<FamilySort>(
            new FamilySort.Leaf("int", "int", ""), new FamilySort.Enumeration(), Hot(_types[0]),
            new FamilySort.Collection(Pick(FamilyCollection.All), null, Pick<FamilySort>(new FamilySort.Any(), Hot(_types[0]), new FamilySort.Enumeration())));
        return new FamilyValue.Boxed(sort, Value(sort, depth - 1));
    }

    private List<int> Candidates(FamilyType type) =>
        [.. Enumerable.Range(0, _objects.Count).Where(i => _objects[i].Type == type || _objects[i].Type.Parent == type)];

    private string Literal(string type) => type.TrimEnd('?') switch
    {
        "string" => $"\"s{_random.Next(100)}\"",
        "double" => _random.Next(100).ToString(CultureInfo.InvariantCulture) + ".5",
        "decimal" => _random.Next(100).ToString(CultureInfo.InvariantCulture) + ".25m",
        "DateTime" => $"new DateTime({_random.Next(2000, 2020)}, 1, 2)",
        _ => _random.Next(100).ToString(CultureInfo.InvariantCulture),
    };
}
