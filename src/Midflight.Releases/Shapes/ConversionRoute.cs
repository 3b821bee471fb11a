using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>The way from one type to another: at most one step by shape, then or before it written conversions.</summary>
/// <param name="Steps">What is done, in order.</param>
public sealed record ConversionRoute(ImmutableArray<RouteStep> Steps)
{
    /// <summary>Whether a written conversion takes part.</summary>
    public bool IsWritten => Steps.Any(step => step is RouteStep.Call);
}

/// <summary>One step of a conversion.</summary>
public abstract record RouteStep
{
    private RouteStep() { }

    /// <summary>By shape, from a type of the one version to a type of the other.</summary>
    /// <param name="From">The old type.</param>
    /// <param name="To">The new type.</param>
    public sealed record ByShape(TypeName From, TypeName To) : RouteStep;

    /// <summary>A method marked <c>[Convert]</c>.</summary>
    /// <param name="Conversion">The method.</param>
    /// <param name="InOld">Whether it is in the version that the value comes from: the way down.</param>
    public sealed record Call(WrittenConversion Conversion, bool InOld) : RouteStep;
}
