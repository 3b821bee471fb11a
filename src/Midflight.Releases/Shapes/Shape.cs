using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>What values of a type are made of: all that conversion needs to know of it.</summary>
/// <param name="Name">Full name of the type, as metadata writes it: <c>Octochat.Session+V1</c>.</param>
/// <param name="Kind">What sort of type it is.</param>
public sealed record Shape(string Name, ShapeKind Kind)
{
    /// <summary>The type it derives from, or null where that is <see cref="object"/>, <see cref="ValueType"/> or <see cref="Enum"/>.</summary>
    public TypeName? Parent { get; init; }

    /// <summary>The interfaces that it says it implements.</summary>
    public ImmutableArray<TypeName> Interfaces { get; init; } = [];

    /// <summary>Its own instance fields, private ones included; an auto-property counts as a member of its own name.</summary>
    public ImmutableArray<ShapeMember> Members { get; init; } = [];

    /// <summary>The names of an enum with their values, in order.</summary>
    public ImmutableArray<KeyValuePair<string, long>> Names { get; init; } = [];

    /// <summary>What an enum is stored as.</summary>
    public TypeName? Underlying { get; init; }

    /// <summary>How many type parameters it has, those of the types around it included.</summary>
    public int Parameters { get; init; }

    /// <summary>Whether nothing can derive from it.</summary>
    public bool IsSealed { get; init; }

    /// <summary>Whether no value is of just this type.</summary>
    public bool IsAbstract { get; init; }

    /// <summary>Whether only the type around it, or one that derives from that, can name it.</summary>
    internal bool IsPrivate { get; init; }

    /// <summary>Whether the compiler made it: a closure, an iterator, an async state machine.</summary>
    public bool IsGenerated { get; init; }

    /// <summary>The version of <c>[Shape]</c>, where this is the shape that another type had then.</summary>
    public string? Version { get; init; }

    /// <summary>Whose earlier shape it is: full name of that type. Null for a type that stands for itself.</summary>
    public string? EarlierOf { get; init; }

    /// <summary>The members that <c>[Dropped]</c> says are gone for good.</summary>
    public ImmutableArray<string> Dropped { get; init; } = [];

    /// <summary>The members that <c>[Renamed]</c> says have another name: the old one and the new one.</summary>
    public ImmutableArray<(string Old, string Now)> Renamed { get; init; } = [];

    /// <summary>The type as a name, with its own type parameters as arguments.</summary>
    public TypeName.Named Type =>
        new(Name, [.. Enumerable.Range(0, Parameters).Select(index => new TypeName.Parameter(index))])
        {
            IsValueType = Kind is ShapeKind.Struct or ShapeKind.Enum,
        };

    /// <summary>How a person would write its name.</summary>
    public override string ToString() => Type.ToString();
}

/// <summary>A sort of type.</summary>
public enum ShapeKind
{
    /// <summary>A class or a record.</summary>
    Class,

    /// <summary>A struct or a record struct.</summary>
    Struct,

    /// <summary>An enum.</summary>
    Enum,

    /// <summary>An interface.</summary>
    Interface,

    /// <summary>A delegate.</summary>
    Delegate,
}

/// <summary>A place in a value that holds another value: an instance field.</summary>
/// <param name="Name">Name as a person would say it: of the property, for the field behind one.</param>
/// <param name="Type">What it holds.</param>
public sealed record ShapeMember(string Name, TypeName Type)
{
    /// <summary>Name of the field.</summary>
    public string Field { get; init; } = Name;

    /// <summary>The names of the elements of all tuples in its type, in order; empty for an element without one. Empty where none has a name.</summary>
    internal ImmutableArray<string> TupleNames { get; init; } = [];

    /// <summary>What the compiler notes on the nullability of all types in its type: see <see cref="NullPlaces"/>.</summary>
    internal ImmutableArray<byte> Nullability { get; init; } = [];

    /// <summary>Whether it may be null: annotated so, or written where nullability is not checked.</summary>
    public bool AllowsNull { get; init; }

    /// <summary>Whether it is annotated as one that may be null.</summary>
    public bool IsNullable { get; init; }

    /// <summary>Whether it is <c>required</c>.</summary>
    public bool IsRequired { get; init; }
}

/// <summary>A method marked <c>[Convert]</c>.</summary>
/// <param name="From">What it takes.</param>
/// <param name="To">What it gives.</param>
/// <param name="Method">Where it is: <c>Octochat.Session.From</c>.</param>
public sealed record WrittenConversion(TypeName From, TypeName To, string Method)
{
    /// <summary>Full name of the type that declares it.</summary>
    public string Type { get; init; } = "";

    /// <summary>Metadata token of the method, by which a loaded assembly finds it.</summary>
    public int Token { get; init; }
}
