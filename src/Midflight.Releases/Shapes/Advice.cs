using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>The lines that a person writes in the newer of two versions when values of a type cannot be taken over as they are.</summary>
/// <remarks>They compile as they stand, but for `…`, an expression that only the person knows. The cases of conversion are a test of that.</remarks>
/// <param name="old">The shape that values have.</param>
/// <param name="now">The shape that they are to have.</param>
/// <param name="rules">The two versions.</param>
internal sealed class Advice(Shape old, Shape now, ShapeRules rules)
{
    // A record has members of such names already.
    private static readonly FrozenSet<string> s_records = FrozenSet.Create(
        "Clone", "EqualityContract", "PrintMembers", "Deconstruct", "ToString", "Equals", "GetHashCode", "GetType", "MemberwiseClone", "Finalize", "ReferenceEquals");

    // What .NET makes without arguments, and asks nothing of who derives from it.
    private static readonly FrozenSet<string> s_parents = FrozenSet.Create(
        "List`1", "Queue`1", "Stack`1", "HashSet`1", "SortedSet`1", "Dictionary`2", "SortedDictionary`2", "SortedList`2", "OrderedDictionary`2", "Collection`1", "ObservableCollection`1",
        "ConcurrentQueue`1", "ConcurrentStack`1", "ConcurrentDictionary`2", "ArrayList", "Queue", "Stack", "Hashtable", "SortedList");

    private readonly Shape _newer = rules.IsWayDown ? old : now;
    private readonly Shape _older = rules.IsWayDown ? now : old;
    private readonly ShapeCatalog _before = rules.IsWayDown ? rules.To : rules.From;

    /// <summary>The old shape beside the new one, and the conversion; or what to do where there can be none.</summary>
    public string Convert => Lines() is { } lines ? $"Write {lines}." : $"Keep {_older} as it was, and give what is new to a type of another name.";

    /// <summary>A default for a new member, or the conversion.</summary>
    public string Default(ShapeMember member) => IsInNewer(member) && new SourceText(rules, _newer).Newer(member.Type) is { } type
        ? Or($"{(member.IsRequired ? "Leave `required` away and give" : "Give")} it a default, `{type} {SourceText.Identifier(member.Name)} = …`")
        : Convert;

    /// <summary>A default for the parameter of a constructor that gives a member its value, or the conversion.</summary>
    public string Parameter(ShapeMember member, string parameter) =>
        IsInNewer(member) && IsConstant(member.Type) && new SourceText(rules, _newer).Newer(member.Type) is { } type
            ? Or($"Give it a default, `{type} {SourceText.Identifier(parameter)} = …`")
            : Convert;

    /// <summary>The conversion from one type to another that is no namesake of it.</summary>
    public static string Between(ShapeRules rules, TypeName old, TypeName now)
    {
        var (source, place) = SourceText.For(rules, old, now);
        var (from, to) = rules.IsWayDown ? (source.Newer(old), source.Older(now, [])) : (source.Older(old, []), source.Newer(now));
        var before = rules.IsWayDown ? rules.To : rules.From;
        return from is null || to is null || place is { Parameters: > 0 } ? $"Keep {old} as it was."
            : $"Write in {place?.ToString() ?? "a type of the new version"}: {Joined([.. Earlier(source, before), $"[Convert] static {to} {(rules.IsWayDown ? "Back" : "From")}({from} old) => …;"])}.";
    }

    /// <summary>What to do where a type is gone: keep it, or write the shape that it had.</summary>
    public static string Gone(ShapeRules rules, Shape gone)
    {
        var source = new SourceText(rules, null);
        return SourceText.CanBeWritten(gone) && source.Older(gone.Type, []) is not null && Earlier(source, rules.IsWayDown ? rules.To : rules.From).ToList() is { Count: > 0 } lines
            ? $"Keep the type, or write in a type of the new version: {Joined(lines)}, and a [Convert] from it to what takes its place."
            : "Keep the type.";
    }

    /// <summary>What to write on the type: that a member is the new name of another one, or that what it held is to be lost.</summary>
    public string Named(PlacedMember gone, PlacedMember added)
    {
        var (before, after) = rules.IsWayDown ? (added.Member.Name, gone.Member.Name) : (gone.Member.Name, added.Member.Name);
        return $"Write on {_newer}: `[Renamed(\"{before}\", \"{after}\")]` if it is, or `[Dropped(\"{before}\")]` if the value of {before} may be lost.";
    }

    private string Or(string text) => Lines() is { } lines ? $"{text}, or write {lines}." : $"{text}.";

    private bool IsInNewer(ShapeMember member) => !rules.IsWayDown && !member.Name.Contains('<', StringComparison.Ordinal);

    private static bool IsConstant(TypeName type) => type is TypeName.Named { FullName: "System.String" } || (type is TypeName.Named { IsValueType: true, Arguments.IsEmpty: true } named
        && (CSharpName.Keyword(named) is not (null or "nint" or "nuint") || !named.FullName.StartsWith("System.", StringComparison.Ordinal)));

    private string? Lines()
    {
        if (!SourceText.CanBeWritten(_older) || _newer.Parameters > 0 || _newer.Name.Contains('<', StringComparison.Ordinal))
        {
            return null;
        }

        // In the type itself where it can hold others, else in any.
        var isInside = _newer.Kind is ShapeKind.Class or ShapeKind.Struct;
        var (source, place) = isInside ? (new SourceText(rules, _newer), _newer) : SourceText.For(rules, _newer.Type);
        IReadOnlySet<string> taken = isInside ? (rules.IsWayDown ? rules.From : rules.To).Names(_newer) : FrozenSet<string>.Empty;
        var name = source.Free(isInside ? "V1" : $"{CSharpName.Short(_older.Name)}V1", taken);

        if (Declarations(source, _before, _older, name, isInside && _older.Name == _newer.Name ? "" : $", Name = \"{_older.Name}\"") is not { } shapes || source.Newer(_newer.Type) is not { } type)
        {
            return null;
        }

        var method = rules.IsWayDown ? $"[Convert] static {name} {Method("Back")}({type} old) => …;" : $"[Convert] static {type} {Method("From")}({name} old) => …;";
        return $"in {place?.ToString() ?? "a type of the new version"}: {Joined([.. shapes, .. Earlier(source, _before), method])}";

        string Method(string called) => taken.Contains(called) ? called + name : called;
    }

    private static string Joined(IEnumerable<string> lines) => string.Join(" and ", lines.Select(line => $"`{line}`"));

    // Each may name others that are gone.
    private static IEnumerable<string> Earlier(SourceText source, ShapeCatalog before)
    {
        for (var i = 0; i < source.Gone.Count; i++)
        {
            var (shape, name) = source.Gone[i];

            foreach (var line in Declarations(source, before, shape, name, $", Name = \"{shape.Name}\"") ?? [])
            {
                yield return line;
            }
        }
    }

    private static ImmutableArray<string>? Declarations(SourceText source, ShapeCatalog before, Shape shape, string name, string named)
    {
        var attribute = $"[Shape(\"{Version(before, shape)}\"{named})]";

        if (shape.Kind == ShapeKind.Enum)
        {
            var underlying = shape.Underlying is TypeName.Named { FullName: not "System.Int32" } type ? $" : {CSharpName.Keyword(type)}" : "";
            return [$"{attribute} enum {name}{underlying} {{ {string.Join(", ", shape.Names.Select(entry => $"{SourceText.Identifier(entry.Key)} = {Number(entry.Value, shape)}"))} }}"];
        }

        var parent = before.SharedParent(shape) as TypeName.Named;
        var members = before.Members(shape).Select(placed => (placed.DeclaredIn, Name: MemberName(placed.Member), Type: source.Older(placed.Member.Type, placed.Member.Nullability)))
            .Where(member => member.Type is not null).ToList();

        if (parent is null && members.DistinctBy(member => member.Name).Count() == members.Count && members.TrueForAll(member => !s_records.Contains(member.Name) && member.Name != name))
        {
            var keyword = shape.Kind == ShapeKind.Struct ? "record struct" : "sealed record";
            return [$"{attribute} {keyword} {name}({string.Join(", ", members.Select(member => $"{member.Type} {member.Name}"))});"];
        }

        return parent is not null && !MayBeParent(parent) ? null : Classes(source, before, shape, name, attribute, parent);
    }

    // One class for each that has members, the farthest ancestor first: private members of the same name are told apart by it.
    private static ImmutableArray<string>? Classes(SourceText source, ShapeCatalog before, Shape shape, string name, string attribute, TypeName.Named? parent)
    {
        var lines = ImmutableArray.CreateBuilder<string>();
        var above = parent is null ? null : source.Newer(parent);
        var seen = new HashSet<string>();

        foreach (var at in before.Ancestors(shape).Reverse().Append(shape))
        {
            if (at.Parameters > 0)
            {
                return null;
            }

            var own = at == shape ? name : source.Free($"{CSharpName.Short(at.Name)}V1");
            var fields = at.Members.Select(member => (Name: MemberName(member), Type: source.Older(member.Type, member.Nullability))).Where(field => field.Type is not null)
                .Select(field => $"public {(seen.Add(field.Name) ? "" : "new ")}{field.Type} {field.Name} = default!;");
            var head = at == shape ? $"{attribute} sealed class" : $"[Shape(\"{Version(before, at)}\", Name = \"{at.Name}\")] class";
            lines.Add($"{head} {own}{(above is null ? "" : $" : {above}")} {{ {string.Join(" ", fields)} }}");
            above = own;
        }

        return lines.ToImmutable();
    }

    // One that implements a member of an interface openly is found by its last name.
    private static string MemberName(ShapeMember member) => SourceText.Identifier(member.Name[(member.Name.LastIndexOf('.') + 1)..]);

    private static bool MayBeParent(TypeName.Named parent) => CSharpName.PathStart(parent.FullName) is var start
        && (s_parents.Contains(parent.FullName[start..]) || parent.FullName.EndsWith("Exception", StringComparison.Ordinal));

    private static string Number(long value, Shape shape) =>
        shape.Underlying is TypeName.Named { FullName: "System.UInt64" } ? $"{unchecked((ulong)value)}" : $"{value}";

    // 0.1 of 0.1.3: patches seldom change a shape.
    private static string Version(ShapeCatalog catalog, Shape shape) =>
        catalog.VersionOf(shape.Name).Split('.') is [var major, var minor, ..] ? $"{major}.{minor}" : catalog.VersionOf(shape.Name);
}
