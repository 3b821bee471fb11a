using System.Collections.Frozen;
using System.Collections.Immutable;
using Midflight.Releases.Declared;

namespace Midflight.Releases;

/// <summary>The shapes of all hot types of one release, or of what a node has loaded.</summary>
public sealed class ShapeCatalog
{
    private readonly FrozenDictionary<string, (string Version, Shape Shape, AssemblyCode? Code)> _shapes;
    private readonly ILookup<string, Shape> _earlier;
    private readonly ILookup<string, Shape> _children;

    /// <summary>Puts the assemblies of some applications together.</summary>
    /// <param name="assemblies">The version of the application that each assembly belongs to, and its shapes.</param>
    public ShapeCatalog(IEnumerable<(string Version, AssemblyShapes Shapes)> assemblies)
    {
        var all = assemblies.ToList();
        var entries = all.SelectMany(assembly => assembly.Shapes.Shapes.Select(shape => (assembly.Version, shape, assembly.Shapes.Code))).ToList();
        _shapes = entries.DistinctBy(entry => entry.shape.Name).ToFrozenDictionary(entry => entry.shape.Name);
        HasNamesakes = entries.Count > _shapes.Count && entries.Where(entry => IsOfValues(entry.shape)).CountBy(entry => entry.shape.Name).Any(count => count.Value > 1);
        _earlier = _shapes.Values.Select(entry => entry.Shape).Where(shape => shape.EarlierOf is not null)
            .ToLookup(shape => shape.EarlierOf!);
        Conversions = [.. all.SelectMany(assembly => assembly.Shapes.Conversions)];
        _children = _shapes.Values.Select(entry => entry.Shape).Where(shape => shape.Parent is TypeName.Named)
            .ToLookup(shape => ((TypeName.Named)shape.Parent!).FullName);
        Library = new(this);
    }

    /// <summary>Whether two assemblies have a type of the same full name, of which <see cref="Find(string)"/> gives that of the first.</summary>
    internal bool HasNamesakes { get; }

    /// <summary>Every method marked <c>[Convert]</c>.</summary>
    public ImmutableArray<WrittenConversion> Conversions { get; }

    /// <summary>The code of the types. Whoever uses it locks it.</summary>
    internal CodeLibrary Library { get; }

    /// <summary>The shape of a hot type, or null for a type that is not hot.</summary>
    /// <param name="fullName">Full name of the type, as metadata writes it.</param>
    public Shape? Find(string fullName) => _shapes.TryGetValue(fullName, out var entry) ? entry.Shape : null;

    /// <inheritdoc cref="Find(string)"/>
    /// <param name="type">The type; its arguments do not matter.</param>
    public Shape? Find(TypeName? type) => type is TypeName.Named(var name, _) ? Find(name) : null;

    /// <summary>Version of the application that a hot type belongs to; empty for a type that is not hot.</summary>
    /// <param name="fullName">Full name of the type.</param>
    public string VersionOf(string fullName) => _shapes.TryGetValue(fullName, out var entry) ? entry.Version : "";

    internal AssemblyCode? CodeOf(string fullName) => _shapes.TryGetValue(fullName, out var entry) ? entry.Code : null;

    /// <summary>The shapes that a type had earlier, as the code knows them.</summary>
    /// <param name="fullName">Full name that the type had then.</param>
    public IEnumerable<Shape> EarlierShapes(string fullName) => _earlier[fullName];

    /// <summary>The hot types that derive from one, however far.</summary>
    /// <param name="fullName">Full name of the type.</param>
    public IEnumerable<Shape> Derived(string fullName) => _children[fullName].SelectMany(child => Derived(child.Name).Prepend(child));

    /// <summary>The hot types that a type derives from, the nearest first.</summary>
    public IEnumerable<Shape> Ancestors(Shape shape)
    {
        for (var at = Find(shape.Parent); at is not null; at = Find(at.Parent))
        {
            yield return at;
        }
    }

    /// <summary>Itself and every class and interface that it is a kind of, as far as hot types tell.</summary>
    internal IEnumerable<TypeName.Named> Parents(Shape shape) =>
        shape.Interfaces.Append(shape.Parent).OfType<TypeName.Named>().SelectMany(parent => Find(parent) is { } hot ? Parents(hot) : [parent]).Prepend(shape.Type);

    // What compilers put into every assembly: attributes, and classes without instances.
    private static bool IsOfValues(Shape shape) => !shape.IsGenerated && shape.Kind is ShapeKind.Class or ShapeKind.Struct or ShapeKind.Enum
        && shape.Parent is not TypeName.Named { FullName: "System.Attribute" } && !shape.Name.StartsWith("<PrivateImplementationDetails>", StringComparison.Ordinal)
        && !(shape is { IsAbstract: true, IsSealed: true });

    /// <summary>The types that are called the same without their namespace or the types around them, and those in a namespace that has such a part.</summary>
    internal ILookup<string, Shape> ShortNames => field ??= All.SelectMany(shape => shape.Name[..CSharpName.PathStart(shape.Name)].Split('.', StringSplitOptions.RemoveEmptyEntries)
        .Skip(1).Append(CSharpName.Short(shape.Name)).Select(name => (name, shape))).ToLookup(entry => entry.name, entry => entry.shape);

    /// <summary>The names of all members of a type, static ones and methods included.</summary>
    internal IReadOnlySet<string> Names(Shape shape)
    {
        lock (Library)
        {
            try
            {
                return Library.Names(shape.Name).Concat(shape.Members.Select(member => member.Name)).ToHashSet();
            }
            finally
            {
                Library.Close();
            }
        }
    }

    /// <summary>Whether code of these types makes a value of just this type; what reflection and serializers make is not seen. True where the code is not there.</summary>
    internal bool IsMade(Shape shape)
    {
        lock (Library)
        {
            try
            {
                return Library.AssemblyOf(shape.Name) is null || Library.Made.Contains(shape.Name);
            }
            finally
            {
                Library.Close();
            }
        }
    }

    /// <summary>Every type.</summary>
    internal IEnumerable<Shape> All => _shapes.Values.Select(entry => entry.Shape);

    /// <summary>The first type up the hierarchy that is not hot; null for <see cref="object"/>.</summary>
    internal TypeName? SharedParent(Shape shape) => Ancestors(shape).LastOrDefault(shape).Parent;

    /// <summary>Every member of a type, those of its hot ancestors first, with the type that declares each.</summary>
    internal ImmutableArray<PlacedMember> Members(Shape shape)
    {
        var inherited = Find(shape.Parent) is { } parent
            ? Members(parent).Select(placed => placed with
            {
                Member = placed.Member with { Type = placed.Member.Type.With(((TypeName.Named)shape.Parent!).Arguments) },
            })
            : [];
        return [.. inherited, .. shape.Members.Select(member => new PlacedMember(shape.Name, member))];
    }
}

/// <summary>A member, and the type that declares it.</summary>
/// <param name="DeclaredIn">Full name of that type.</param>
/// <param name="Member">The member.</param>
public sealed record PlacedMember(string DeclaredIn, ShapeMember Member);
