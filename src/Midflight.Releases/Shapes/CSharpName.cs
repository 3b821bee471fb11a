using System.Collections.Frozen;
using System.Collections.Immutable;
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
        TypeName.Named named when Elements(named) is { IsEmpty: false } elements => $"({string.Join(", ", elements.Select(Of))})",
        TypeName.Named named => Keyword(named) ?? Path(named, PathStart(named.FullName), Of),
        TypeName.Array array => Array(array, Of),
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

    /// <summary>What C# calls a type of .NET: <c>int</c>; null where it has no word of its own.</summary>
    public static string? Keyword(TypeName.Named type) => s_keywords.GetValueOrDefault(type.FullName);

    /// <summary>The elements of a tuple that C# writes in parentheses, those of a long one in a row; empty for anything else.</summary>
    public static ImmutableArray<TypeName> Elements(TypeName.Named type) => !type.FullName.StartsWith("System.ValueTuple`", StringComparison.Ordinal) ? []
        : type.Arguments.Length is > 1 and < 8 ? type.Arguments
        : type.Arguments is [.. var first, TypeName.Named rest] && type.Arguments.Length == 8 && (Elements(rest) is { IsEmpty: false } more ? more : rest.Arguments) is { IsEmpty: false } last
            ? [.. first, .. last]
        : [];

    /// <summary>An array, its own rank ahead of that of what it holds.</summary>
    public static string Array(TypeName.Array array, Func<TypeName, string> element)
    {
        var ranks = "";
        TypeName inner = array;

        for (; inner is TypeName.Array(var next, var rank); inner = next)
        {
            ranks += $"[{new string(',', rank - 1)}]";
        }

        return element(inner) + ranks;
    }

    /// <summary>Where in a full name the types begin, behind the namespace.</summary>
    public static int PathStart(string fullName) =>
        fullName.LastIndexOf('.', fullName.IndexOf('+', StringComparison.Ordinal) is > 0 and var plus ? plus : fullName.Length - 1) + 1;

    /// <summary>A full name from one of its parts on, with its type arguments where they belong.</summary>
    public static string Path(TypeName.Named type, int start, Func<TypeName, string> argument)
    {
        var text = new StringBuilder();
        var used = 0;

        foreach (var part in type.FullName[start..].Split('+'))
        {
            var tick = part.IndexOf('`', StringComparison.Ordinal);
            text.Append(text.Length == 0 ? "" : ".").Append(tick < 0 ? part : part[..tick]);

            if (tick >= 0 && int.TryParse(part[(tick + 1)..], out var arity) && used + arity <= type.Arguments.Length)
            {
                text.Append('<').AppendJoin(", ", type.Arguments.Skip(used).Take(arity).Select(argument)).Append('>');
                used += arity;
            }
        }

        return text.ToString();
    }
}
