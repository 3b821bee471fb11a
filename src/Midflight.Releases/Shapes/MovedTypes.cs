namespace Midflight.Releases;

/// <summary>Finds the type that has moved to another namespace, or into or out of another type.</summary>
internal static class MovedTypes
{
    private static readonly char[] s_digits = [.. "0123456789"];

    /// <summary>The one new type of the same short name and sort with members in common, where no other old type is gone that it could be.</summary>
    public static Shape? Find(ShapeRules rules, Shape old)
    {
        if (old.IsGenerated || old.EarlierOf is not null)
        {
            return null;
        }

        return IsCompilers(old) ? Compilers(rules, old) : Single(rules, old, Path) ?? Single(rules, old, shape => CSharpName.Short(shape.Name));
    }

    /// <summary>Whether the compiler gave the type its name, with a number that counts through the assembly: an anonymous type.</summary>
    public static bool IsCompilers(Shape shape) => shape.Name.Contains("AnonymousType", StringComparison.Ordinal);

    /// <summary>The type of the same name but for its number that has just the old members, where the one of the same number has others: a generator counts its types.</summary>
    public static Shape? Counted(ShapeRules rules, Shape old, Shape same)
    {
        var stem = old.Name.TrimEnd(s_digits);
        return stem.Length == old.Name.Length || old.Members.IsEmpty || AreEqual(old, same) ? null
            : rules.To.All.Where(shape => IsCounted(shape, stem) && AreEqual(old, shape)).Take(2).ToList() is [var now]
                && rules.From.All.Count(shape => IsCounted(shape, stem) && AreEqual(shape, now)) == 1 ? now
            : null;
    }

    private static bool IsCounted(Shape shape, string stem) =>
        shape.Name.Length > stem.Length && shape.Name.StartsWith(stem, StringComparison.Ordinal) && shape.Name.AsSpan(stem.Length).IndexOfAnyExcept(s_digits) < 0;

    private static bool AreEqual(Shape old, Shape now) => old.Kind == now.Kind
        && old.Members.Select(member => (member.Name, member.Type)).SequenceEqual(now.Members.Select(member => (member.Name, member.Type)));

    private static Shape? Single(ShapeRules rules, Shape old, Func<Shape, string> name)
    {
        var wanted = name(old);
        return rules.To.All.Where(shape => Fits(old, shape) && rules.From.Find(shape.Name) is null && name(shape) == wanted).Take(2).ToList() is [var now]
            && rules.From.All.Count(shape => Fits(now, shape) && rules.To.Find(shape.Name) is null && name(shape) == wanted) == 1
                ? now
                : null;
    }

    // An anonymous type is known by its members alone.
    private static Shape? Compilers(ShapeRules rules, Shape old)
    {
        return rules.To.All.Where(shape => IsCompilers(shape) && Members(shape).SequenceEqual(Members(old))).Take(2).ToList() is [var now]
            && rules.From.All.Count(shape => IsCompilers(shape) && Members(shape).SequenceEqual(Members(old))) == 1
                ? now
                : null;

        static IEnumerable<string> Members(Shape shape) => shape.Members.Select(member => member.Name);
    }

    private static bool Fits(Shape old, Shape now) => now.EarlierOf is null && !now.IsGenerated && !IsCompilers(now) && old.Parameters == now.Parameters
        && (old.Kind == now.Kind || old.Kind is ShapeKind.Class or ShapeKind.Struct && now.Kind is ShapeKind.Class or ShapeKind.Struct)
        && (old.Members.IsEmpty || now.Members.IsEmpty || old.Members.Any(member => now.Members.Any(other => FoldedName.AreOne(member.Name, other.Name))));

    // The name with those of the types around it, without the namespace.
    private static string Path(Shape shape) =>
        shape.Name[(shape.Name.LastIndexOf('.', shape.Name.IndexOf('+', StringComparison.Ordinal) is > 0 and var plus ? plus : shape.Name.Length - 1) + 1)..];
}
