namespace Midflight.Releases;

/// <summary>The lines that a person writes when values of a type cannot be taken over as they are.</summary>
internal sealed class Advice(Shape old, Shape now, ShapeCatalog from)
{
    /// <summary>The old shape beside the new one, and the conversion.</summary>
    public string Convert
    {
        get
        {
            var members = string.Join(", ", from.Members(old).Select(placed =>
                $"{placed.Member.Type}{(placed.Member is { IsNullable: true, Type: not TypeName.Named { IsValueType: true } } ? "?" : "")} {placed.Member.Name}"));
            var name = CSharpName.Short(now.Name);
            var keyword = now.Kind == ShapeKind.Struct ? "record struct" : "sealed record";
            return $"Write in {name}: `[Shape(\"{Version}\")] public {keyword} V1({members});` and `[Convert] static {name} From(V1 old) => new(…);`.";
        }
    }

    /// <summary>A default for a new member, or the conversion.</summary>
    public string Default(ShapeMember member) =>
        $"Give it a default, `{member.Type} {member.Name} = …`, or w{Convert[1..]}";

    // 0.1 of 0.1.3: patches seldom change a shape.
    private string Version => from.VersionOf(old.Name).Split('.') is [var major, var minor, ..] ? $"{major}.{minor}" : from.VersionOf(old.Name);
}
