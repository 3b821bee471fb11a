using System.Collections.Immutable;
using System.Reflection.Emit;

namespace Midflight.Releases.Declared;

/// <summary>Computes what can be computed of an instruction; the rest stays an operation.</summary>
internal static class Arithmetic
{
    public static DeclaredValue Of(OpCode code, CodeToken? token, params ImmutableArray<DeclaredValue> operands) =>
        operands.FirstOrDefault(operand => operand is DeclaredValue.Unknown or DeclaredValue.Argument) is { } open ? Computed(open)
        : token is not null ? new DeclaredValue.Operation(code, token, operands)
        : (DeclaredValue?)(operands switch
        {
            [DeclaredValue.Constant a, DeclaredValue.Constant b] => Fold(code.Name!, a.Value, b.Value),
            [DeclaredValue.Constant { Value: not null } a] => Fold(code.Name!, a.Value),
            [var a, DeclaredValue.Constant { Value: null }] when IsObject(a) => Compared(code, isEqual: false),
            [DeclaredValue.Constant { Value: null }, var b] when IsObject(b) => Compared(code, isEqual: false),
            _ => null,
        }) ?? new DeclaredValue.Operation(code, token, operands);

    /// <summary>What comes of a value that is open: of a parameter something else than the parameter itself.</summary>
    public static DeclaredValue Computed(DeclaredValue open) => open is DeclaredValue.Argument argument ? argument with { IsComputed = true } : open;

    /// <summary>Whether a value holds as a condition; null if only the live object tells.</summary>
    public static bool? Truth(DeclaredValue value) => value switch
    {
        DeclaredValue.Constant { Value: null } => false,
        DeclaredValue.Constant(var number) => number switch
        {
            int small => small != 0,
            long large => large != 0,
            float single => single != 0,
            double wide => wide != 0,
            _ => true,
        },
        _ => IsObject(value) ? true : null,
    };

    /// <summary>The same value with constants for members that are known.</summary>
    public static DeclaredValue With(DeclaredValue value, Func<PlacedMember, DeclaredValue?> known) => value switch
    {
        DeclaredValue.Kept(var member) => known(member) ?? value,
        DeclaredValue.Operation(var code, var token, var operands) => Of(code, token, [.. operands.Select(operand => With(operand, known))]),
        DeclaredValue.Choice(var condition, var yes, var no) => With(condition, known) is var decided && Truth(decided) is { } truth
            ? With(truth ? yes : no, known)
            : new DeclaredValue.Choice(decided, With(yes, known), With(no, known)),
        _ => value,
    };

    private static bool IsObject(DeclaredValue value) =>
        value is DeclaredValue.Made or DeclaredValue.Self or DeclaredValue.Operation { Code.Name: "newobj" or "ldftn" or "newarr" };

    private static DeclaredValue.Constant? Compared(OpCode code, bool isEqual) => code.Name switch
    {
        "ceq" => new(isEqual ? 1 : 0),
        "cgt.un" => new(isEqual ? 0 : 1),
        _ => null,
    };

    private static DeclaredValue.Constant? Fold(string code, object? a, object? b)
    {
        if (a is null && b is null)
        {
            return code switch { "ceq" => new(1), "cgt.un" => new(0), _ => null };
        }

        // The empty value is a zero of the other's type.
        a ??= b is string ? null : System.Convert.ChangeType(0, b!.GetType(), System.Globalization.CultureInfo.InvariantCulture);
        b ??= a is string or null ? null : System.Convert.ChangeType(0, a.GetType(), System.Globalization.CultureInfo.InvariantCulture);
        object? result = (a, b) switch
        {
            (string x, string y) => code == "ceq" && x == y ? 1 : null,
            (string, null) or (null, string) => code switch { "ceq" => 0, "cgt.un" => 1, _ => null },
            (int x, int y) => Fold(code, x, y),
            (long x, long y) => Fold(code, x, y),
            (long x, int y) when code is "shl" => x << y,
            (long x, int y) when code is "shr" => x >> y,
            (double x, double y) => Fold(code, x, y),
            (float x, float y) => Fold(code, x, y) is double wide ? (float)wide : Fold(code, x, y),
            _ => null,
        };
        return result is null ? null : new(result);
    }

    private static object? Fold(string code, int a, int b) => code switch
    {
        "add" => (object)unchecked(a + b),
        "sub" => unchecked(a - b),
        "mul" => unchecked(a * b),
        "div" when b is not (0 or -1) => a / b,
        "rem" when b is not (0 or -1) => a % b,
        "and" => a & b,
        "or" => a | b,
        "xor" => a ^ b,
        "shl" => a << b,
        "shr" => a >> b,
        "shr.un" => a >>> b,
        "ceq" => a == b ? 1 : 0,
        "cgt" => a > b ? 1 : 0,
        "cgt.un" => (uint)a > (uint)b ? 1 : 0,
        "clt" => a < b ? 1 : 0,
        "clt.un" => (uint)a < (uint)b ? 1 : 0,
        _ => null,
    };

    private static object? Fold(string code, long a, long b) => code switch
    {
        "add" => (object)unchecked(a + b),
        "sub" => unchecked(a - b),
        "mul" => unchecked(a * b),
        "div" when b is not (0 or -1) => a / b,
        "rem" when b is not (0 or -1) => a % b,
        "and" => a & b,
        "or" => a | b,
        "xor" => a ^ b,
        "ceq" => a == b ? 1 : 0,
        "cgt" => a > b ? 1 : 0,
        "clt" => a < b ? 1 : 0,
        _ => null,
    };

    private static object? Fold(string code, double a, double b) => code switch
    {
        "add" => (object)(a + b),
        "sub" => a - b,
        "mul" => a * b,
        "div" => a / b,
        "ceq" => a == b ? 1 : 0,
        "cgt" => a > b ? 1 : 0,
        "clt" => a < b ? 1 : 0,
        _ => null,
    };

    private static DeclaredValue.Constant? Fold(string code, object value)
    {
        object? result = (code, value) switch
        {
            ("neg", int number) => (object)unchecked(-number),
            ("neg", long number) => unchecked(-number),
            ("neg", double number) => -number,
            ("not", int number) => ~number,
            ("not", long number) => ~number,
            ("conv.i8", int number) => (long)number,
            ("conv.i8", long number) => number,
            ("conv.u8", int number) => (long)(uint)number,
            ("conv.r8", int number) => (double)number,
            ("conv.r8", long number) => (double)number,
            ("conv.r4", int number) => (float)number,
            ("conv.i4", int number) => number,
            ("conv.u1", int number) => (int)(byte)number,
            ("conv.i2", int number) => (int)(short)number,
            ("conv.u2", int number) => (int)(ushort)number,
            _ => null,
        };
        return result is null ? null : new(result);
    }
}
