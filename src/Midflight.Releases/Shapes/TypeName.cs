using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>A type as metadata names it. Two are equal when they read the same; whose assembly it is does not count.</summary>
public abstract record TypeName
{
    private TypeName() { }

    /// <summary>A class, struct, enum, interface or delegate, with its type arguments.</summary>
    /// <param name="FullName">As metadata writes it: <c>Octochat.Session+V1</c>, <c>System.Collections.Generic.List`1</c>.</param>
    /// <param name="Arguments">Its type arguments, those of the types around it first.</param>
    public sealed record Named(string FullName, ImmutableArray<TypeName> Arguments) : TypeName
    {
        /// <summary>A type without arguments.</summary>
        /// <param name="fullName">As metadata writes it.</param>
        public Named(string fullName) : this(fullName, []) { }

        /// <summary>Whether it is a struct or an enum, as far as the place that names it knows.</summary>
        public bool IsValueType { get; init; }

        /// <inheritdoc/>
        public bool Equals(Named? other) => other is not null && FullName == other.FullName && Arguments.SequenceEqual(other.Arguments);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(FullName, Arguments.Length);

        /// <inheritdoc/>
        public override string ToString() => CSharpName.Of(this);
    }

    /// <summary>An array.</summary>
    /// <param name="Element">What it holds.</param>
    /// <param name="Rank">How many dimensions it has, from 1.</param>
    public sealed record Array(TypeName Element, int Rank = 1) : TypeName
    {
        /// <inheritdoc/>
        public override string ToString() => CSharpName.Of(this);
    }

    /// <summary>A type parameter of the type that is described.</summary>
    /// <param name="Index">Which one, from 0.</param>
    public sealed record Parameter(int Index) : TypeName
    {
        /// <inheritdoc/>
        public override string ToString() => CSharpName.Of(this);
    }

    /// <summary>A pointer, a reference or another type whose values have no life outside their stack or process.</summary>
    /// <param name="Text">How it reads.</param>
    public sealed record Bound(string Text) : TypeName
    {
        /// <inheritdoc/>
        public override string ToString() => Text;
    }

    /// <summary>The same type with its type parameters filled in.</summary>
    /// <param name="arguments">What stands for each parameter.</param>
    public TypeName With(ImmutableArray<TypeName> arguments) => this switch
    {
        Named named => named with { Arguments = [.. named.Arguments.Select(argument => argument.With(arguments))] },
        Array array => array with { Element = array.Element.With(arguments) },
        Parameter(var index) when index < arguments.Length => arguments[index],
        _ => this,
    };
}
