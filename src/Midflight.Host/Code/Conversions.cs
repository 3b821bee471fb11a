namespace Midflight.Host;

/// <summary>Makes the conversions of values to a code version.</summary>
internal static class Conversions
{
    /// <summary>The node's conversion, with all its rules.</summary>
    internal static Conversion For(CodeVersion target) => new CodeConversion(target);
}
