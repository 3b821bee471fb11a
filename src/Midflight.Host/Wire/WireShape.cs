using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>The shape of an application's type as it is written: all that a conversion from it needs to know.</summary>
/// <param name="Application">Whose it is.</param>
/// <param name="Release">The version of that application.</param>
/// <param name="Assembly">Name of its assembly.</param>
/// <param name="Name">Full name of the type, as metadata writes it.</param>
/// <param name="Kind">What sort of type it is.</param>
internal sealed record WireShape(string Application, string Release, string Assembly, string Name, ShapeKind Kind)
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public bool IsSealed { get; init; }

    public bool IsAbstract { get; init; }

    /// <summary>How many type parameters it has, those of the types around it included.</summary>
    public int Parameters { get; init; }

    /// <summary>What it derives from; null for <see cref="object"/>, and for what is no class.</summary>
    public WireType? Parent { get; init; }

    /// <summary>The interfaces of applications that it has.</summary>
    public ImmutableArray<WireType> Interfaces { get; init; } = [];

    /// <summary>Its own fields, in order.</summary>
    public ImmutableArray<WireMember> Members { get; init; } = [];

    /// <summary>The names of an enum with their values.</summary>
    public ImmutableArray<KeyValuePair<string, long>> Names { get; init; } = [];

    /// <summary>What an enum is stored as.</summary>
    public WireType? Underlying { get; init; }

    public ImmutableArray<string> Dropped { get; init; } = [];

    public ImmutableArray<(string Old, string Now)> Renamed { get; init; } = [];

    /// <summary>The shape of a loaded type.</summary>
    /// <param name="type">The definition, where it is generic.</param>
    /// <param name="shapeOf">The number of the shape of another type.</param>
    public static WireShape Of(Type type, Func<Type, int> shapeOf)
    {
        var version = CodeVersion.Of(type)!;
        var known = LoadedShapes.Of(type);
        var members = known.Members.ToDictionary(member => member.Field);
        return new(version.Application.Name, version.Release, type.Assembly.GetName().Name!, type.FullName!, known.Kind)
        {
            IsSealed = type.IsSealed,
            IsAbstract = type.IsAbstract,
            Parameters = known.Parameters,
            Parent = known.Kind == ShapeKind.Class && type.BaseType is { } parent && parent != typeof(object) ? WireType.Of(parent, shapeOf) : null,
            Interfaces = [.. known.Kind is ShapeKind.Class or ShapeKind.Struct or ShapeKind.Interface ? Interface(type).Select(one => WireType.Of(one, shapeOf)) : []],
            Members =
            [
                .. known.Kind is ShapeKind.Class or ShapeKind.Struct ? type.GetFields(Own).Select(field => new WireMember(field.Name, WireType.Of(field.FieldType, shapeOf))
                {
                    TupleNames = members.GetValueOrDefault(field.Name)?.TupleNames ?? [],
                    Nullability = members.GetValueOrDefault(field.Name)?.Nullability ?? [],
                }) : [],
            ],
            Names = known.Names,
            Underlying = known.Kind == ShapeKind.Enum ? WireType.Of(Enum.GetUnderlyingType(type), shapeOf) : null,
            Dropped = known.Dropped,
            Renamed = known.Renamed,
        };
    }

    public void Write(WireOutput to)
    {
        to.Text(Application);
        to.Text(Release);
        to.Text(Assembly);
        to.Text(Name);
        to.Byte((byte)Kind);
        to.Byte((byte)((IsSealed ? 1 : 0) | (IsAbstract ? 2 : 0) | (Parent is null ? 0 : 4) | (Underlying is null ? 0 : 8)));
        to.Number((ulong)Parameters);
        Parent?.Write(to);
        Underlying?.Write(to);
        Each(to, Interfaces, static (to, one) => one.Write(to));
        Each(to, Members, static (to, member) => member.Write(to));
        Each(to, Names, static (to, name) =>
        {
            to.Text(name.Key);
            to.Signed(name.Value);
        });
        Each(to, Dropped, static (to, name) => to.Text(name));
        Each(to, Renamed, static (to, names) =>
        {
            to.Text(names.Old);
            to.Text(names.Now);
        });
    }

    public static WireShape Read(WireInput from, WireBudget budget)
    {
        var shape = new WireShape(from.Text(), from.Text(), WireType.Named(from.Text()), WireType.Named(from.Text()), (ShapeKind)from.Below(5, "a sort of type"));
        var flags = from.Below(16, "a shape with");
        return shape with
        {
            IsSealed = (flags & 1) != 0,
            IsAbstract = (flags & 2) != 0,
            Parameters = from.Below(64, "a type with parameters:"),
            Parent = (flags & 4) == 0 ? null : WireType.Read(from, budget),
            Underlying = (flags & 8) == 0 ? null : WireType.Read(from, budget),
            Interfaces = Each(from, budget, from => WireType.Read(from, budget)),
            Members = Each(from, budget, from => WireMember.Read(from, budget)),
            Names = Each(from, budget, from => KeyValuePair.Create(from.Text(), from.Signed())),
            Dropped = Each(from, budget, from => from.Text()),
            Renamed = Each(from, budget, from => (from.Text(), from.Text())),
        };
    }

    /// <summary>All that makes values of two types the same in memory and for conversion, in one text. The release does not count.</summary>
    /// <param name="nameOf">What a shape of a number is called.</param>
    public string Text(Func<int, string> nameOf)
    {
        var text = new StringBuilder($"{Application}/{Assembly}/{Name}/{Kind}/{IsSealed}/{IsAbstract}/{Parameters}");
        Add(Parent);
        Add(Underlying);

        foreach (var one in Interfaces)
        {
            Add(one);
        }

        foreach (var member in Members)
        {
            text.Append(';').Append(member.Field).Append('/').AppendJoin(',', member.TupleNames).Append('/').AppendJoin(',', member.Nullability);
            Add(member.Type);
        }

        foreach (var (name, value) in Names)
        {
            text.Append(';').Append(name).Append('=').Append(value);
        }

        return text.ToString();

        void Add(WireType? type)
        {
            text.Append(':');
            _ = type switch
            {
                null => text.Append('-'),
                WireType.Leaf(var row) => text.Append(row.Type.Name),
                WireType.Parameter(var index) => text.Append('!').Append(index),
                WireType.Array(_, var rank) => text.Append("[]").Append(rank),
                WireType.Shared(var name, _) => text.Append(name),
                WireType.Hot(var shape, _) => text.Append('@').Append(nameOf(shape)),
                _ => text.Append('?'),
            };

            foreach (var part in type switch
            {
                WireType.Array(var element, _) => [element],
                WireType.Shared(_, var arguments) => arguments,
                WireType.Hot(_, var arguments) => arguments,
                _ => ImmutableArray<WireType>.Empty,
            })
            {
                text.Append('<');
                Add(part);
                text.Append('>');
            }
        }
    }

    // Those of .NET have methods, which a type that is only a shape cannot have.
    private static IEnumerable<Type> Interface(Type type) => type.GetInterfaces().Where(LoadedTypes.IsHot).OrderBy(one => one.FullName, StringComparer.Ordinal);

    private static void Each<T>(WireOutput to, ImmutableArray<T> all, Action<WireOutput, T> write)
    {
        to.Number((ulong)all.Length);

        foreach (var one in all)
        {
            write(to, one);
        }
    }

    private static ImmutableArray<T> Each<T>(WireInput from, WireBudget budget, Func<WireInput, T> read)
    {
        var all = new T[from.Count()];

        for (var i = 0; i < all.Length; i++)
        {
            budget.Member();
            all[i] = read(from);
        }

        return [.. all];
    }
}

/// <summary>A field of a shape.</summary>
internal sealed record WireMember(string Field, WireType Type)
{
    /// <summary>The names of the elements of all tuples in its type.</summary>
    public ImmutableArray<string> TupleNames { get; init; } = [];

    /// <summary>What the compiler notes on the nullability of all types in its type.</summary>
    public ImmutableArray<byte> Nullability { get; init; } = [];

    public void Write(WireOutput to)
    {
        to.Text(Field);
        Type.Write(to);
        to.Number((ulong)TupleNames.Length);

        foreach (var name in TupleNames)
        {
            to.Text(name);
        }

        to.Number((ulong)Nullability.Length);
        to.Bytes(Nullability.AsSpan());
    }

    public static WireMember Read(WireInput from, WireBudget budget)
    {
        var member = new WireMember(WireFieldName(from.Text()), WireType.Read(from, budget));
        var names = new string[from.Count()];

        for (var i = 0; i < names.Length; i++)
        {
            budget.Member();
            names[i] = from.Text();
        }

        return member with { TupleNames = [.. names], Nullability = [.. from.Bytes(from.Count()).Span] };
    }

    private static string WireFieldName(string name) =>
        name.Length is > 0 and <= 1024 && !name.Contains('\0', StringComparison.Ordinal) ? name : throw new WireDamagedException("a member has an impossible name");
}
