using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>How what stands in a place of one type comes to stand in a place of another.</summary>
public abstract record PlaceRule
{
    private PlaceRule() { }

    /// <summary>As it is: a shared type.</summary>
    public sealed record Same : PlaceRule;

    /// <summary>Whatever stands there decides by its own type; that every value can pass is not provable before.</summary>
    public sealed record ByRunTimeType : PlaceRule;

    /// <summary>A number into a wider one.</summary>
    public sealed record Widened : PlaceRule;

    /// <summary>A number into one that does not hold every such number: one that it holds passes.</summary>
    public sealed record Narrowed : PlaceRule;

    /// <summary>A value into a place that may also be empty.</summary>
    /// <param name="Inner">How the value itself passes.</param>
    public sealed record IntoNullable(PlaceRule Inner) : PlaceRule;

    /// <summary>What may be empty into a place that may not: what is not empty passes.</summary>
    /// <param name="Inner">How the value itself passes.</param>
    public sealed record OutOfNullable(PlaceRule Inner) : PlaceRule;

    /// <summary>A hot type into its namesake, or into the shape that the namesake had earlier.</summary>
    /// <param name="From">The old type.</param>
    /// <param name="To">The new one.</param>
    public sealed record Hot(TypeName.Named From, TypeName.Named To) : PlaceRule;

    /// <summary>An array, collection or tuple: rebuilt from its converted parts.</summary>
    /// <param name="Rules">How each part passes: elements, or keys and values, or the items of a tuple.</param>
    public sealed record Parts(ImmutableArray<PlaceRule> Rules) : PlaceRule;

    /// <summary>A collection of another kind that holds the same things.</summary>
    /// <param name="Rules">How each part passes: elements, or keys and values.</param>
    public sealed record Rebuilt(ImmutableArray<PlaceRule> Rules) : PlaceRule;

    /// <summary>An object that was locked into a <see cref="System.Threading.Lock"/>: a new one, as nobody holds it.</summary>
    public sealed record NewLock : PlaceRule;

    /// <summary>By methods marked <c>[Convert]</c>, between types that are no namesakes.</summary>
    /// <param name="Route">The way.</param>
    public sealed record Written(ConversionRoute Route) : PlaceRule;

    /// <summary>Nothing but null, which may stand in both: what is there has nothing to do with what is wanted.</summary>
    /// <param name="Why">What stands against anything else, to follow the words <c>was A and is B</c>.</param>
    public sealed record OnlyNull(string Why) : PlaceRule;

    /// <summary>Not at all.</summary>
    /// <param name="Why">What stands against it, to follow the words <c>was A and is B</c>.</param>
    public sealed record Refused(string Why) : PlaceRule;

    /// <summary>Whether only the value that stands there can tell whether it passes.</summary>
    public bool IsOpen => this switch
    {
        ByRunTimeType or Narrowed or OutOfNullable or OnlyNull => true,
        IntoNullable(var inner) => inner.IsOpen,
        Parts(var rules) => rules.Any(rule => rule.IsOpen),
        Rebuilt(var rules) => rules.Any(rule => rule.IsOpen),
        _ => false,
    };
}
