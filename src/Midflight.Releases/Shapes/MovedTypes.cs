namespace Midflight.Releases;

/// <summary>Finds the type that has moved to another namespace, or into or out of another type.</summary>
internal static class MovedTypes
{
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
