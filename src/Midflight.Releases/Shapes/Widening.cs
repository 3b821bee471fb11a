using System.Collections.Frozen;

namespace Midflight.Releases;

/// <summary>The numbers that fit into a wider type without loss: C#'s implicit conversions, less those that round.</summary>
internal static class Widening
{
    private static readonly FrozenDictionary<string, string[]> s_wider = new Dictionary<string, string[]>
    {
        ["SByte"] = ["Int16", "Int32", "Int64", "Single", "Double", "Decimal"],
        ["Byte"] = ["Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Single", "Double", "Decimal"],
        ["Int16"] = ["Int32", "Int64", "Single", "Double", "Decimal"],
        ["UInt16"] = ["Int32", "UInt32", "Int64", "UInt64", "Single", "Double", "Decimal"],
        ["Char"] = ["UInt16", "Int32", "UInt32", "Int64", "UInt64"],
        ["Int32"] = ["Int64", "Double", "Decimal"],
        ["UInt32"] = ["Int64", "UInt64", "Double", "Decimal"],
        ["Int64"] = ["Decimal"],
        ["UInt64"] = ["Decimal"],
        ["Single"] = ["Double"],
    }.ToFrozenDictionary();

    public static bool Holds(string from, string to) =>
        from.StartsWith("System.", StringComparison.Ordinal) && to.StartsWith("System.", StringComparison.Ordinal)
        && s_wider.TryGetValue(from[7..], out var wider) && wider.Contains(to[7..]);

    /// <summary>Whether both are numbers, so that one of the first may be one of the second.</summary>
    public static bool AreNumbers(string from, string to) => IsNumber(from) && IsNumber(to);

    private static bool IsNumber(string name) => name is "System.SByte" or "System.Byte" or "System.Int16" or "System.UInt16" or "System.Int32" or "System.UInt32"
        or "System.Int64" or "System.UInt64" or "System.Single" or "System.Double" or "System.Decimal";
}
