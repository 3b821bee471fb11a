namespace Midflight.Host;

/// <summary>What takes values over into a code version.</summary>
internal static class Conversions
{
    /// <summary>That of the node, with all its rules.</summary>
    internal static Conversion For(CodeVersion target) => new CodeConversion(target);
}
