using System.Collections.Immutable;
using System.Reflection.Emit;

namespace Midflight.Releases.Declared;

/// <summary>What the code says that a member holds in a new object: an expression over the members that are kept.</summary>
/// <remarks>It is read from the instructions of constructors and carried out without running one.</remarks>
internal abstract record DeclaredValue
{
    private DeclaredValue() { }

    /// <summary>Zero, null, the empty struct: whatever the default of its place is.</summary>
    public static readonly Constant Nothing = new(null);

    /// <summary>A number as it lies on the stack (<c>int</c>, <c>long</c>, <c>float</c>, <c>double</c>), a <c>decimal</c>, a text, or null for <see cref="Nothing"/>.</summary>
    public sealed record Constant(object? Value) : DeclaredValue;

    /// <summary>What a member of the object that is kept holds by now.</summary>
    public sealed record Kept(PlacedMember Member) : DeclaredValue;

    /// <summary>The object itself.</summary>
    public sealed record Self : DeclaredValue;

    /// <summary>The object that is made, within what is called on it.</summary>
    public sealed record Itself : DeclaredValue;

    /// <summary>An instruction that has no effect and gives the same for the same operands.</summary>
    public sealed record Operation(OpCode Code, CodeToken? Token, ImmutableArray<DeclaredValue> Operands) : DeclaredValue
    {
        public bool Equals(Operation? other) =>
            other is not null && Code == other.Code && Token == other.Token && Operands.SequenceEqual(other.Operands);

        public override int GetHashCode() => HashCode.Combine(Code.Value, Token, Operands.Length);
    }

    /// <summary>An object or array that is made for the member. The same one may be in several members.</summary>
    public sealed record Made(DeclaredObject Object) : DeclaredValue
    {
        public bool Equals(Made? other) => other is not null && Object.IsLike(other.Object);

        public override int GetHashCode() => Object.Creation.GetHashCode();
    }

    /// <summary>One of two values, as the members that are kept decide.</summary>
    public sealed record Choice(DeclaredValue Condition, DeclaredValue Yes, DeclaredValue No) : DeclaredValue;

    /// <summary>A parameter for which nothing stands: who calls the constructor decides.</summary>
    /// <param name="Index">Which one, from 0.</param>
    /// <param name="Name">What it is called.</param>
    public sealed record Argument(int Index, string Name) : DeclaredValue
    {
        /// <summary>Whether it is something that is computed from the parameter.</summary>
        public bool IsComputed { get; init; }
    }

    /// <summary>What only running the constructor would tell.</summary>
    public sealed record Unknown(string Why) : DeclaredValue;

    /// <summary>The place of another value, on its way through an instruction that takes a reference to it.</summary>
    public sealed record Address(Func<DeclaredValue> Load, Action<DeclaredValue> Store) : DeclaredValue;

    /// <summary>Whether it can be carried out: nothing in it is left open.</summary>
    public bool IsKnown => Open is null;

    /// <summary>The part of it that is open, or null.</summary>
    public DeclaredValue? Open => Find([]);

    private DeclaredValue? Find(HashSet<DeclaredObject> seen) => this switch
    {
        Argument or Unknown or Address => this,
        Operation(_, _, var operands) => operands.Select(operand => operand.Find(seen)).FirstOrDefault(open => open is not null),
        Choice(var condition, var yes, var no) => condition.Find(seen) ?? yes.Find(seen) ?? no.Find(seen),
        Made(var made) when seen.Add(made) => made.Parts.Select(part => part.Find(seen)).FirstOrDefault(open => open is not null),
        _ => null,
    };
}

/// <summary>An object that is made for a new member: of a hot type field by field, of another by its constructor and what is called on it.</summary>
/// <param name="kind">Which of them.</param>
/// <param name="creation">The constructor, or the element type of an array.</param>
internal sealed class DeclaredObject(DeclaredObjectKind kind, CodeToken creation)
{
    public DeclaredObjectKind Kind { get; } = kind;

    public CodeToken Creation { get; } = creation;

    /// <summary>What the constructor is given; of an array its length.</summary>
    public ImmutableArray<DeclaredValue> Arguments { get; init; } = [];

    /// <summary>The fields of a hot one; what is not among them is empty.</summary>
    public Dictionary<DeclaredField, DeclaredValue> Fields { get; private init; } = [];

    /// <summary>What is called on a shared one when it is there, in order; among the operands it is <see cref="DeclaredValue.Itself"/>.</summary>
    public List<DeclaredValue.Operation> Calls { get; } = [];

    /// <summary>Why its content is not known, or null.</summary>
    public string? Taint { get; set; }

    /// <summary>Whether something has looked into it, so that what is called on it later would come too late.</summary>
    public bool WasRead { get; set; }

    /// <summary>The values in it.</summary>
    public IEnumerable<DeclaredValue> Parts => Taint is { } why
        ? [new DeclaredValue.Unknown(why)]
        : [.. Arguments, .. Fields.Values, .. Calls];

    /// <summary>A struct with the same fields.</summary>
    public DeclaredObject Copy() => new(Kind, Creation) { Arguments = Arguments, Fields = new(Fields), Taint = Taint };

    /// <summary>Whether another is made in the same way.</summary>
    public bool IsLike(DeclaredObject other) => ReferenceEquals(this, other) || (Kind == other.Kind && Creation == other.Creation
        && Taint is null && other.Taint is null && Arguments.SequenceEqual(other.Arguments) && Calls.SequenceEqual(other.Calls)
        && Fields.Count == other.Fields.Count && Fields.All(field => other.Fields.TryGetValue(field.Key, out var value) && value.Equals(field.Value)));
}

/// <summary>How an object is made.</summary>
internal enum DeclaredObjectKind
{
    /// <summary>By the constructor of a type that is not hot.</summary>
    Shared,

    /// <summary>A class of the application: allocated, and given its fields.</summary>
    HotClass,

    /// <summary>A struct of the application: given its fields.</summary>
    HotStruct,

    /// <summary>An array.</summary>
    Array,
}

/// <summary>A field: the full name of the type that declares it, and its own.</summary>
internal readonly record struct DeclaredField(string Type, string Name);

/// <summary>A token in the code of a hot type: the loaded assembly knows what it stands for there.</summary>
/// <param name="Scope">The type in whose code it stands.</param>
/// <param name="Token">The token.</param>
internal sealed record CodeToken(CodeScope Scope, int Token);

/// <summary>A hot type with its type arguments filled in, said without naming them.</summary>
/// <param name="From">A constructor or method of the type or of one that derives from it; null for the type that is planned.</param>
/// <param name="Type">The full name of the type: that one or an ancestor of it.</param>
internal sealed record CodeScope(CodeToken? From, string Type);
