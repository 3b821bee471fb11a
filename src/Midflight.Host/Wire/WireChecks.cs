using System.Collections.Immutable;
using System.Reflection;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Refuses shapes that .NET would make no types of, or none that are harmless: a program can have no such types, so only a damaged input has them.</summary>
internal sealed class WireChecks(ImmutableArray<WireShape> shapes, WireScope scope, WireLimits limits)
{
    private const int Reference = 8;

    private readonly Dictionary<int, int?> _sizes = [];
    private readonly HashSet<string> _endless = [];

    /// <summary>Whether a class leads to itself with ever more type arguments. Nobody may follow the types of its members, which a sealed one invites to.</summary>
    public bool IsEndless(WireShape shape) => _endless.Contains(shape.Name);

    public void Check(IEnumerable<WireType> types)
    {
        for (var i = 0; i < shapes.Length; i++)
        {
            Check(i, shapes[i]);
        }

        foreach (var type in types)
        {
            Check(type, 0);
            _ = SizeOf(type, [], 0);
        }
    }

    private void Check(int number, WireShape shape)
    {
        foreach (var type in shape.Members.Select(member => member.Type).Concat(shape.Interfaces).Append(shape.Parent).Append(shape.Underlying).OfType<WireType>())
        {
            Check(type, shape.Parameters);

            // C<T> with a C<(T, T)> in it.
            if (type.Mentioned.Any(hot => hot.Arguments.Any(argument => argument.IsOpen && argument is not WireType.Parameter) && Leads(hot.Shape, number)))
            {
                _endless.Add(shape.Name);

                if (shape.Kind == ShapeKind.Struct || type == shape.Parent)
                {
                    throw new WireDamagedException($"{shape.Name} has type arguments that grow without end");
                }
            }
        }

        if (shape.Parent is { } parent && (parent is not (WireType.Hot or WireType.Shared) || (parent is WireType.Hot hotParent && (shapes[hotParent.Shape].Kind != ShapeKind.Class || Ancestors(hotParent.Shape).Contains(number)))))
        {
            throw new WireDamagedException($"{shape.Name} derives from something that is not a class");
        }

        if (shape.Interfaces.Any(one => one is not WireType.Hot hot || shapes[hot.Shape].Kind != ShapeKind.Interface) || shape.Members.DistinctBy(member => member.Field).Count() < shape.Members.Length)
        {
            throw new WireDamagedException($"{shape.Name} implements something that is not an interface, or has two members with the same name");
        }

        if (shape.Kind == ShapeKind.Enum && shape.Underlying is not WireType.Leaf { Row.Code: >= 2 and <= 9 })
        {
            throw new WireDamagedException($"{shape.Name} is an enum that is not stored as an integer");
        }

        if (shape.Kind == ShapeKind.Struct)
        {
            _ = SizeOf(number, [.. Enumerable.Repeat(Reference, shape.Parameters)], 0);
        }
    }

    private void Check(WireType type, int parameters)
    {
        switch (type)
        {
            case WireType.Parameter(var index) when index >= parameters:
                throw new WireDamagedException($"type parameter {index} is mentioned, which is not in it");
            case WireType.Array(var element, _):
                Check(element, parameters);
                break;
            case WireType.Shared(_, var arguments):
                Array.ForEach([.. arguments], argument => Check(argument, parameters));
                break;
            case WireType.Hot(var shape, var arguments):
                if (shape >= shapes.Length || shapes[shape].Parameters != arguments.Length)
                {
                    throw new WireDamagedException($"shape {shape} is mentioned, which is not in it or has other type parameters");
                }

                Array.ForEach([.. arguments], argument => Check(argument, parameters));
                break;
        }
    }

    private List<int> Ancestors(int shape)
    {
        List<int> met = [];

        for (var at = shape; !met.Contains(at);)
        {
            met.Add(at);

            if (shapes[at].Parent is not WireType.Hot { Shape: var parent } || parent >= shapes.Length)
            {
                return met;
            }

            at = parent;
        }

        throw new WireDamagedException($"{shapes[shape].Name} derives from itself");
    }

    private bool Leads(int from, int to)
    {
        var met = new HashSet<int> { from };
        var open = new Stack<int>(met);

        while (open.TryPop(out var at))
        {
            if (at == to)
            {
                return true;
            }

            foreach (var hot in shapes[at].Members.Select(member => member.Type).Append(shapes[at].Parent).OfType<WireType>().SelectMany(type => type.Mentioned))
            {
                if (hot.Shape < shapes.Length && met.Add(hot.Shape))
                {
                    open.Push(hot.Shape);
                }
            }
        }

        return false;
    }

    // About how many bytes a place of a type takes: a struct of structs can be larger than any memory.
    private int SizeOf(WireType type, ImmutableArray<int> arguments, int depth) => type switch
    {
        WireType.Leaf(var row) => row.Type.IsValueType ? 16 : Reference,
        WireType.Parameter(var index) => arguments[index],
        WireType.Shared(var name, var parts) when parts.Length > 0 && scope.Shared(name) is { IsValueType: true } shared => Bounded(
            (long)shared.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Length * parts.Max(part => SizeOf(part, arguments, depth + 1)), name),
        WireType.Hot(var shape, var parts) when shapes[shape].Kind == ShapeKind.Struct => parts.IsEmpty ? Whole(shape, depth) : SizeOf(shape, [.. parts.Select(part => SizeOf(part, arguments, depth + 1))], depth + 1),
        _ => Reference,
    };

    private int Whole(int shape, int depth)
    {
        if (!_sizes.TryGetValue(shape, out var size))
        {
            _sizes[shape] = null;
            _sizes[shape] = size = SizeOf(shape, [], depth + 1);
        }

        return size ?? throw new WireDamagedException($"the struct {shapes[shape].Name} contains itself");
    }

    private int SizeOf(int shape, ImmutableArray<int> arguments, int depth) => depth > 64
        ? throw new WireDamagedException($"the struct {shapes[shape].Name} contains itself")
        : Bounded(shapes[shape].Members.Sum(member => (long)SizeOf(member.Type, arguments, depth + 1)), shapes[shape].Name);

    private int Bounded(long size, string name) =>
        size <= limits.Struct ? Math.Max(1, (int)size) : throw new WireDamagedException($"the struct {name} is larger than {limits.Struct} bytes");
}
