using System.Collections.Frozen;
using System.Text;

namespace Midflight.Releases;

/// <summary>How a type is written in C#, without its namespace: what a person would type.</summary>
internal static class CSharpName
{
    private static readonly FrozenDictionary<string, string> s_keywords = new Dictionary<string, string>
    {
        ["System.Boolean"] = "bool",
        ["System.Byte"] = "byte",
        ["System.SByte"] = "sbyte",
        ["System.Char"] = "char",
        ["System.Int16"] = "short",
        ["System.UInt16"] = "ushort",
        ["System.Int32"] = "int",
        ["System.UInt32"] = "uint",
        ["System.Int64"] = "long",
        ["System.UInt64"] = "ulong",
        ["System.IntPtr"] = "nint",
        ["System.UIntPtr"] = "nuint",
        ["System.Single"] = "float",
        ["System.Double"] = "double",
        ["System.Decimal"] = "decimal",
        ["System.String"] = "string",
        ["System.Object"] = "object",
    }.ToFrozenDictionary();

    public static string Of(TypeName type) => type switch
    {
        TypeName.Named { FullName: "System.Nullable`1", Arguments: [var value] } => $"{Of(value)}?",
        TypeName.Named { FullName: var name, Arguments: var parts } when name.StartsWith("System.ValueTuple`", StringComparison.Ordinal) =>
            $"({string.Join(", ", parts.Select(Of))})",
        TypeName.Named named => s_keywords.GetValueOrDefault(named.FullName) ?? Qualified(named),
        TypeName.Array(var element, var rank) => $"{Of(element)}[{new string(',', rank - 1)}]",
        TypeName.Parameter(var index) => $"T{index + 1}",
        TypeName.Bound(var text) => text,
        _ => throw new InvalidOperationException($"No C# for {type.GetType().Name}."),
    };

    /// <summary>The last part of a full name: <c>V1</c> of <c>Octochat.Session+V1</c>.</summary>
    public static string Short(string fullName)
    {
        var name = fullName[(fullName.LastIndexOfAny(['.', '+']) + 1)..];
        var arity = name.IndexOf('`', StringComparison.Ordinal);
        return arity < 0 ? name : name[..arity];
    }

    private static string Qualified(TypeName.Named type)
    {
        var text = new StringBuilder();
        var used = 0;
        var start = type.FullName.LastIndexOf('.', Math.Max(0, type.FullName.IndexOf('+', StringComparison.Ordinal)) is var plus && plus > 0
            ? plus
            : type.FullName.Length - 1) + 1;

        foreach (var part in type.FullName[start..].Split('+'))
        {
            var tick = part.IndexOf('`', StringComparison.Ordinal);
            text.Append(text.Length == 0 ? "" : ".").Append(tick < 0 ? part : part[..tick]);

            if (tick >= 0 && int.TryParse(part[(tick + 1)..], out var arity) && used + arity <= type.Arguments.Length)
            {
                text.Append('<').AppendJoin(", ", type.Arguments.Skip(used).Take(arity).Select(Of)).Append('>');
                used += arity;
            }
        }

        return text.ToString();
    }
}
