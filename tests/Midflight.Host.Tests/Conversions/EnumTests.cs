using static Midflight.Host.Tests.Conversions.Versions;

namespace Midflight.Host.Tests.Conversions;

/// <summary>Values of an enum go over by their names; where these do not say for certain what a value is now, it is refused.</summary>
public sealed class EnumTests
{
    [Theory]
    [InlineData("enum E { A, B }", "E.B", "enum E { B, A }", "B")]
    [InlineData("enum E { A = 1, B = 1000 }", "E.B", "enum E : byte { A = 1, B = 2 }", "B")]
    [InlineData("enum E : sbyte { A = -1, B }", "E.A", "enum E { A = -5, B }", "A")]
    [InlineData("enum E : ulong { A = ulong.MaxValue }", "E.A", "enum E : ulong { A = ulong.MaxValue, B = 1 }", "A")]
    [InlineData("enum E { A = 1, B = 1 }", "E.A", "enum E { A = 2, B = 2 }", "A")]
    [InlineData("enum E { A, B }", "(E)7", "enum E { A, B, C }", "7")]
    public void Names_decide(string old, string value, string now, string expected) => Assert.Equal(
        expected, Cross($"public {old} public record S(E X);", $"new S({value})", $"public {now} public record S(E X);", "S it => it.X.ToString()"));

    [Theory]
    [InlineData("enum E { A = 1, B = 2 }", "E.A | E.B", "enum E { A = 4, B = 8 }", 12)]
    [InlineData("enum E { A = 1, B = 2 }", "(E)9", "enum E { A = 1, B = 2, C = 4 }", 9)]
    [InlineData("enum E { A = 1, B = 2 }", "E.A | E.B", "enum E { A = 1, B = 2, All = 3 }", 3)]
    public void Flags_go_over_one_by_one(string old, string value, string now, int expected) => Assert.Equal(
        expected, Cross($"[Flags] public {old} public record S(E X);", $"new S({value})", $"[Flags] public {now} public record S(E X);", "S it => (int)it.X"));

    [Theory]
    [InlineData("", "enum E { A, B }", "(E)300", "enum E : byte { A, B }", "cannot hold 300")]
    [InlineData("", "enum E { A = 1, B = 2 }", "(E)3", "enum E { A = 10, B = 20 }", "has no name for 3")]
    [InlineData("", "enum E { A, B }", "(E)2", "enum E { A, B, C }", "has no name for 2")]
    [InlineData("", "enum E { A = 1, B = 1 }", "E.A", "enum E { A = 1, B = 2 }", "which had the same number")]
    [InlineData("", "enum E { A, B }", "E.B", "enum E { A, C }", "is gone")]
    [InlineData("[Flags] ", "enum E { A = 1, B = 2 }", "E.A | E.B", "enum E { A = 1, B = 3, C = 2 }", "flags overlap")]
    public void What_is_not_certain_is_refused(string attribute, string old, string value, string now, string expected) => Assert.Contains(
        expected, Refusal($"{attribute}public {old} public record S(E X);", $"new S({value})", $"{attribute}public {now} public record S(E X);"), StringComparison.Ordinal);
}
