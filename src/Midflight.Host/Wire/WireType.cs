using System.Collections.Immutable;

namespace Midflight.Host;

/// <summary>A type as it is written: what it is called, and nothing of what it can do.</summary>
internal abstract record WireType
{
    private static readonly System.Buffers.SearchValues<char> s_unusual = System.Buffers.SearchValues.Create(",[]*&\\ \t\r\n\0");

    private const byte LeafKind = 1;
    private const byte ParameterKind = 2;
    private const byte ArrayKind = 3;
    private const byte SharedKind = 4;
    private const byte HotKind = 5;
    private const byte OtherKind = 6;

    private WireType()
    {
    }

    /// <summary>A type of .NET whose values are written by what they say.</summary>
    public sealed record Leaf(WireLeaf Row) : WireType;

    /// <summary>A type parameter of the type whose shape it stands in.</summary>
    public sealed record Parameter(int Index) : WireType;

    public sealed record Array(WireType Element, int Rank) : WireType;

    /// <summary>A type that is not of an application: of .NET, of Midflight, of a package.</summary>
    public sealed record Shared(string Name, ImmutableArray<WireType> Arguments) : WireType;

    /// <summary>A type of an application.</summary>
    /// <param name="Shape">The number of its shape.</param>
    /// <param name="Arguments">Its type arguments, those of the types around it first.</param>
    public sealed record Hot(int Shape, ImmutableArray<WireType> Arguments) : WireType;

    /// <summary>A pointer or the like, of which no value is ever written.</summary>
    public sealed record Other : WireType;

    /// <summary>Every type of an application that it mentions.</summary>
    public IEnumerable<Hot> Mentioned => this switch
    {
        Array(var element, _) => element.Mentioned,
        Shared(_, var arguments) => arguments.SelectMany(argument => argument.Mentioned),
        Hot hot => hot.Arguments.SelectMany(argument => argument.Mentioned).Prepend(hot),
        _ => [],
    };

    /// <summary>Whether it mentions a type parameter.</summary>
    public bool IsOpen => this switch
    {
        Parameter => true,
        Array(var element, _) => element.IsOpen,
        Shared(_, var arguments) => arguments.Any(argument => argument.IsOpen),
        Hot(_, var arguments) => arguments.Any(argument => argument.IsOpen),
        _ => false,
    };

    /// <param name="type">A loaded type.</param>
    /// <param name="shapeOf">The number of the shape of an application's type.</param>
    public static WireType Of(Type type, Func<Type, int> shapeOf)
    {
        if (type.IsGenericParameter)
        {
            return type.DeclaringMethod is null ? new Parameter(type.GenericParameterPosition) : new Other();
        }

        if (type.IsArray)
        {
            return new Array(Of(type.GetElementType()!, shapeOf), type.IsSZArray ? 0 : type.GetArrayRank());
        }

        if (type.HasElementType || type.IsFunctionPointer || type.IsByRefLike)
        {
            return new Other();
        }

        ImmutableArray<WireType> arguments = [.. type.IsGenericType ? type.GetGenericArguments().Select(argument => Of(argument, shapeOf)) : []];
        return LoadedTypes.IsHot(type) ? new Hot(shapeOf(type.IsGenericType ? type.GetGenericTypeDefinition() : type), arguments)
            : WireLeaf.Find(type) is { } leaf ? new Leaf(leaf)
            : new Shared(LoadedTypes.DefinitionName(type), arguments);
    }

    public void Write(WireOutput to)
    {
        switch (this)
        {
            case Leaf(var row):
                to.Byte(LeafKind);
                to.Byte(row.Code);
                break;
            case Parameter(var index):
                to.Byte(ParameterKind);
                to.Number((ulong)index);
                break;
            case Array(var element, var rank):
                to.Byte(ArrayKind);
                to.Number((ulong)rank);
                element.Write(to);
                break;
            case Shared(var name, var arguments):
                to.Byte(SharedKind);
                to.Text(name);
                Write(to, arguments);
                break;
            case Hot(var shape, var arguments):
                to.Byte(HotKind);
                to.Number((ulong)shape);
                Write(to, arguments);
                break;
            default:
                to.Byte(OtherKind);
                break;
        }
    }

    /// <param name="from">Where it is written.</param>
    /// <param name="budget">What may be asked for.</param>
    /// <param name="depth">How deep it lies in others.</param>
    public static WireType Read(WireInput from, WireBudget budget, int depth = 0)
    {
        budget.Member();

        if (depth > budget.Limits.Nesting)
        {
            throw new WireDamagedException($"a type is nested more than {budget.Limits.Nesting} deep");
        }

        switch (from.Byte())
        {
            case LeafKind:
                return from.Byte() is var code && WireLeaf.Find(code) is { } leaf ? new Leaf(leaf) : throw new WireDamagedException($"{code} is not a type that this version of Midflight knows");
            case ParameterKind:
                return new Parameter(from.Below(64, "type parameter"));
            case ArrayKind:
                return from.Below(8, "an array of rank") is var rank ? new Array(Read(from, budget, depth + 1), rank) : null!;
            case SharedKind:
                return new Shared(Named(from.Text()), Rest(from, budget, depth));
            case HotKind:
                return new Hot(from.Below(budget.Limits.Types, "shape"), Rest(from, budget, depth));
            case OtherKind:
                return new Other();
            case var kind:
                throw new WireDamagedException($"{kind} is not a kind of type");
        }
    }

    /// <summary>A name that can be one of a type, with those of the types around it.</summary>
    public static string Named(string name) =>
        name.Length is > 0 and <= 1024 && name.AsSpan().IndexOfAny(s_unusual) < 0 && !name.Split('+').Any(part => part.Length == 0 || part.EndsWith('.'))
            ? name
            : throw new WireDamagedException("a type in it has a name that no type can have");

    private static void Write(WireOutput to, ImmutableArray<WireType> arguments)
    {
        to.Number((ulong)arguments.Length);

        foreach (var argument in arguments)
        {
            argument.Write(to);
        }
    }

    private static ImmutableArray<WireType> Rest(WireInput from, WireBudget budget, int depth)
    {
        var arguments = new WireType[from.Count()];

        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Read(from, budget, depth + 1);
        }

        return [.. arguments];
    }
}

/// <summary>What is left of what may be asked for.</summary>
internal sealed class WireBudget(WireLimits limits)
{
    private int _members;

    public WireLimits Limits => limits;

    /// <summary>Takes account of one more.</summary>
    public void Member()
    {
        if (++_members > limits.Members)
        {
            throw new WireDamagedException($"its types have more than {limits.Members} members");
        }
    }
}
