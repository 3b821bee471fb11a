using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Writes types as the source of the newer of two versions has to name them, so that the line compiles.</summary>
/// <param name="rules">The two versions.</param>
/// <param name="place">The type in which the line is to be written; null where that can be any.</param>
internal sealed class SourceText(ShapeRules rules, Shape? place)
{
    // What the compiler is told by default in a project of today (ImplicitUsings).
    private static readonly FrozenSet<string> s_usings = FrozenSet.Create(
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Tasks");

    private static readonly FrozenSet<string> s_keywords = FrozenSet.Create(
        "abstract", "as", "base", "bool", "break", "byte", "case", "catch", "char", "checked", "class", "const", "continue", "decimal", "default", "delegate", "do", "double",
        "else", "enum", "event", "explicit", "extern", "false", "finally", "fixed", "float", "for", "foreach", "goto", "if", "implicit", "in", "int", "interface", "internal",
        "is", "lock", "long", "namespace", "new", "null", "object", "operator", "out", "override", "params", "private", "protected", "public", "readonly", "ref", "return",
        "sbyte", "sealed", "short", "sizeof", "stackalloc", "static", "string", "struct", "switch", "this", "throw", "true", "try", "typeof", "uint", "ulong", "unchecked",
        "unsafe", "ushort", "using", "virtual", "void", "volatile", "while", "record", "required", "field");

    private readonly ShapeCatalog _newer = rules.IsWayDown ? rules.From : rules.To;
    private readonly ShapeCatalog _older = rules.IsWayDown ? rules.To : rules.From;
    private readonly string _space = place is null ? "" : Space(place.Name);
    private readonly List<(Shape Shape, string Name)> _gone = [];

    /// <summary>The types of the older version that have been written and are not in the newer one: their shapes have to be written too, by these names.</summary>
    public IReadOnlyList<(Shape Shape, string Name)> Gone => _gone;

    /// <summary>The source in which a line can be written that names these types: that of the type in which one of them is private, else any.</summary>
    public static (SourceText Source, Shape? Place) For(ShapeRules rules, params TypeName[] types)
    {
        var any = new SourceText(rules, null);
        var owner = types.OfType<TypeName.Named>().Select(type => any.Owner(type.FullName)).FirstOrDefault(owner => owner is not null);
        return owner is null ? (any, null) : (new(rules, owner), owner);
    }

    /// <summary>A name that is no word of C#.</summary>
    public static string Identifier(string name) => s_keywords.Contains(name) ? $"@{name}" : name;

    /// <summary>A type of the newer version; null where C# has no name for it.</summary>
    public string? Newer(TypeName type) => Write(type, isOlder: false, []);

    /// <summary>A type of the older version as the newer one names it; null where it has no name for it.</summary>
    /// <param name="type">The type.</param>
    /// <param name="nullability">What the compiler notes on it: see <see cref="NullPlaces"/>.</param>
    public string? Older(TypeName type, ImmutableArray<byte> nullability) => Write(type, isOlder: true, nullability);

    private string? Write(TypeName type, bool isOlder, ImmutableArray<byte> nullability)
    {
        var (at, hasName) = (0, true);
        var text = Next(type);
        return hasName ? text : null;

        string Next(TypeName part)
        {
            switch (part)
            {
                case TypeName.Named { FullName: "System.Nullable`1", Arguments: [var inner] }:
                    return $"{Next(inner)}?";
                case TypeName.Named { IsValueType: true, Arguments.IsEmpty: true } plain:
                    return Named(plain, Next);
            }

            if (part is TypeName.Array)
            {
                return Array(part);
            }

            var isNull = IsNull();
            var written = part is TypeName.Named type ? Named(type, Next) : Nameless();
            return isNull && part is not TypeName.Named { IsValueType: true } ? $"{written}?" : written;
        }

        bool IsNull()
        {
            var index = nullability.Length == 1 ? 0 : at;
            at++;
            return index < nullability.Length && nullability[index] == 2;
        }

        // C# reads ranks from the outside in, up to a `?`: `int[]?[,]` is an array of two dimensions of arrays that may be null.
        string Array(TypeName array)
        {
            var groups = new Stack<(string Ranks, string End)>();

            for (; array is TypeName.Array(var element, var rank); array = element)
            {
                var (own, isNull) = ($"[{new string(',', rank - 1)}]", IsNull());

                if (groups.Count == 0 || isNull)
                {
                    groups.Push((own, isNull ? "?" : ""));
                }
                else
                {
                    var (ranks, end) = groups.Pop();
                    groups.Push((ranks + own, end));
                }
            }

            return Next(array) + string.Concat(groups.Select(group => group.Ranks + group.End));
        }

        string Named(TypeName.Named named, Func<TypeName, string> argument) =>
            CSharpName.Elements(named) is { IsEmpty: false } elements ? $"({string.Join(", ", elements.Select(argument))})"
            : CSharpName.Keyword(named)
                ?? (isOlder && _older.Find(named.FullName) is { } shape ? Hot(shape, named, argument) : Name(named, argument));

        string Hot(Shape shape, TypeName.Named named, Func<TypeName, string> argument) => InNewer(shape) is { } newer
            ? Name(named with { FullName = newer.Name }, argument)
            : CanBeWritten(shape) ? Earlier(shape) : shape.Kind is ShapeKind.Struct or ShapeKind.Enum ? Nameless() : "object";

        string Name(TypeName.Named named, Func<TypeName, string> argument)
        {
            var (space, start) = (Space(named.FullName), CSharpName.PathStart(named.FullName));
            return named.FullName.Contains('<', StringComparison.Ordinal) || Owner(named.FullName) is { } owner && !IsWithin(owner.Name) ? named.IsValueType ? Nameless() : "object"
                : (space == _space || space.Length == 0 || _space.StartsWith(space + ".", StringComparison.Ordinal) || (s_usings.Contains(space) && _newer.Find(named.FullName) is null))
                    && !IsHidden(named.FullName, start) ? CSharpName.Path(named, start, argument)
                : (IsHidden(named.FullName, 0) ? "global::" : "") + CSharpName.Path(named, 0, argument);
        }

        string Nameless()
        {
            hasName = false;
            return "";
        }
    }

    /// <summary>What a type of the older version is called in the newer one.</summary>
    private Shape? InNewer(Shape older) => !rules.IsWayDown ? rules.Namesake(older)
        : _newer.Find(older.Name) ?? _newer.All.FirstOrDefault(shape => rules.Namesake(shape)?.Name == older.Name);

    /// <summary>Whether <c>[Shape]</c> can stand for a type: it has a name and no parameters, and values are of just it.</summary>
    public static bool CanBeWritten(Shape shape) => shape is { Parameters: 0, IsGenerated: false, Kind: ShapeKind.Class or ShapeKind.Struct or ShapeKind.Enum }
        && (!shape.IsAbstract || shape.Kind == ShapeKind.Enum) && !shape.Name.Contains('<', StringComparison.Ordinal);

    private string Earlier(Shape shape)
    {
        if (_gone.FirstOrDefault(gone => gone.Shape.Name == shape.Name) is { Name: { } known })
        {
            return known;
        }

        var name = Free($"{CSharpName.Short(shape.Name)}V1");
        _gone.Add((shape, name));
        return name;
    }

    /// <summary>The name itself, or with a number behind it where a type has it or is to have it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="taken">Other names that are taken.</param>
    public string Free(string name, IReadOnlySet<string>? taken = null)
    {
        for (var i = 1; ; i++)
        {
            var next = i == 1 ? name : $"{name}{i}";

            if (!_newer.ShortNames.Contains(next) && taken?.Contains(next) != true && _gone.TrueForAll(gone => gone.Name != next))
            {
                return next;
            }
        }
    }

    /// <summary>The type in which alone a type can be named; null where it can be named anywhere.</summary>
    private Shape? Owner(string fullName)
    {
        for (var end = fullName.Length; end > 0; end = fullName.LastIndexOf('+', end - 1))
        {
            if (_newer.Find(fullName[..end]) is { IsPrivate: true })
            {
                return _newer.Find(fullName[..fullName.LastIndexOf('+', end - 1)]);
            }
        }

        return null;
    }

    private bool IsWithin(string owner) => place is not null && (place.Name == owner || place.Name.StartsWith(owner + "+", StringComparison.Ordinal));

    // Another type or a namespace of the application that begins so would be found first.
    private bool IsHidden(string fullName, int start)
    {
        var end = fullName.AsSpan(start).IndexOfAny('.', '+', '`');
        var first = end < 0 ? fullName[start..] : fullName.Substring(start, end);
        var outer = fullName.IndexOf('+', StringComparison.Ordinal) is > 0 and var plus ? fullName[..plus] : fullName;
        return _newer.ShortNames[first].Any(shape => start == 0 || shape.Name != outer) && fullName != first;
    }

    private static string Space(string fullName) => CSharpName.PathStart(fullName) is > 0 and var start ? fullName[..(start - 1)] : "";
}
