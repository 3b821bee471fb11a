using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Makes types of shapes: the fields and nothing else, so that they play the part of an older code version from which values are converted.</summary>
/// <remarks>They have no methods and no constructors, so nothing of the input is ever run.</remarks>
internal sealed class WireCarriers
{
    private static readonly ConstructorInfo s_tupleNames = typeof(TupleElementNamesAttribute).GetConstructor([typeof(string[])])!;
    private static readonly ConstructorInfo s_nullable = typeof(NullableAttribute).GetConstructor([typeof(byte[])])!;
    private static readonly ConstructorInfo s_dropped = typeof(DroppedAttribute).GetConstructor([typeof(string[])])!;
    private static readonly ConstructorInfo s_renamed = typeof(RenamedAttribute).GetConstructor([typeof(string), typeof(string)])!;

    private readonly ImmutableArray<WireShape> _shapes;
    private readonly WireScope _scope;
    private readonly ModuleBuilder _module;
    private readonly Dictionary<string, int> _numbers = [];
    private readonly Dictionary<string, TypeBuilder> _made = [];

    private readonly WireChecks _checks;

    private WireCarriers(ImmutableArray<WireShape> shapes, WireScope scope, WireChecks checks, ModuleBuilder module) => (_shapes, _scope, _checks, _module) = (shapes, scope, checks, module);

    /// <summary>The types of some shapes, in their order, in a code version of the reader's application.</summary>
    /// <exception cref="WireDamagedException">.NET makes no types of them.</exception>
    public static (CodeVersion Version, AssemblyLoadContext Context, Type[] Types) Make(ImmutableArray<WireShape> shapes, WireScope scope, WireChecks checks)
    {
        var target = scope.Target ?? throw new WireDamagedException("it has values of an application, but no application is reading it");
        var main = shapes.FirstOrDefault(shape => shape.Application == target.Application.Name) ?? shapes[0];

        try
        {
            var assembly = new PersistedAssemblyBuilder(new AssemblyName(main.Assembly), typeof(object).Assembly);
            new WireCarriers(shapes, scope, checks, assembly.DefineDynamicModule(main.Assembly)).Define();
            using var image = new MemoryStream();
            assembly.Save(image);
            image.Position = 0;

            var context = new WireContext($"written by {main.Application} {main.Release}", scope);
            var loaded = context.LoadFromStream(image);
            var types = shapes.Select(shape => loaded.GetType(shape.Name, throwOnError: true)!).ToArray();

            // Named as the reader's own: values of them are of another version of it, and are converted or refused, whatever application wrote them.
            var version = new CodeVersion(target.Application, 0, main.Release);
            version.Fill([loaded], []);
            return (version, context, types);
        }
        // Names or members that contradict one another: what .NET says of them is as good as any.
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or NotSupportedException or TypeLoadException or BadImageFormatException or FileLoadException or OverflowException)
        {
            throw new WireDamagedException($"its shapes cannot become types: {exception.Message.TrimEnd('.')}", exception);
        }
    }

    private void Define()
    {
        for (var i = 0; i < _shapes.Length; i++)
        {
            if (!_numbers.TryAdd(_shapes[i].Name, i))
            {
                throw new WireDamagedException($"two assemblies both have a type {_shapes[i].Name}; rename one of them");
            }
        }

        foreach (var shape in _shapes)
        {
            Declared(shape.Name);
        }

        foreach (var shape in _shapes)
        {
            Fill(shape, _made[shape.Name]);
        }

        var created = new HashSet<string>();

        foreach (var name in _made.Keys.ToList())
        {
            Create(name, created);
        }
    }

    // With the types around it, which may be no more than a name.
    private TypeBuilder Declared(string name)
    {
        if (_made.TryGetValue(name, out var known))
        {
            return known;
        }

        var shape = _numbers.TryGetValue(name, out var number) ? _shapes[number] : null;
        var at = name.LastIndexOf('+');
        var attributes = Attributes(shape);
        var builder = at < 0
            ? _module.DefineType(name, attributes | TypeAttributes.Public)
            : Declared(name[..at]).DefineNestedType(name[(at + 1)..], attributes | TypeAttributes.NestedPublic);

        if ((shape?.Parameters ?? Arity(name)) is > 0 and var parameters)
        {
            builder.DefineGenericParameters([.. Enumerable.Range(0, parameters).Select(index => $"T{index}")]);
        }

        _made.Add(name, builder);
        return builder;
    }

    private TypeAttributes Attributes(WireShape? shape) => shape switch
    {
        null => TypeAttributes.Class | TypeAttributes.Abstract | TypeAttributes.Sealed,
        { Kind: ShapeKind.Interface } => TypeAttributes.Interface | TypeAttributes.Abstract,
        { Kind: ShapeKind.Enum } => TypeAttributes.Sealed,
        { Kind: ShapeKind.Class or ShapeKind.Delegate } => TypeAttributes.Class | (shape.IsSealed && !_checks.IsEndless(shape) ? TypeAttributes.Sealed : 0) | (shape.IsAbstract ? TypeAttributes.Abstract : 0),
        _ => TypeAttributes.Sealed | TypeAttributes.SequentialLayout,
    };

    // Of a type around others, as its name says.
    private static int Arity(string name) => name.Split('+').Sum(part =>
        part.LastIndexOf('`') is >= 0 and var at && int.TryParse(part.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count < 64 ? count : 0);

    private void Fill(WireShape shape, TypeBuilder type)
    {
        switch (shape.Kind)
        {
            case ShapeKind.Struct:
                type.SetParent(typeof(ValueType));
                break;
            case ShapeKind.Class:
                type.SetParent(shape.Parent is { } parent ? Parent(shape, parent, type) : typeof(object));
                break;
            case ShapeKind.Delegate:
                type.SetParent(typeof(object));
                break;
            case ShapeKind.Enum:
                Names(shape, type);
                break;
        }

        foreach (var one in shape.Interfaces)
        {
            type.AddInterfaceImplementation(TypeOf(one, type));
        }

        foreach (var member in shape.Members)
        {
            var field = type.DefineField(member.Field, TypeOf(member.Type, type), FieldAttributes.Public);

            if (!member.TupleNames.IsEmpty)
            {
                field.SetCustomAttribute(s_tupleNames, Blob(Array.ConvertAll([.. member.TupleNames], name => name.Length == 0 ? null : name), isArray: true));
            }

            if (!member.Nullability.IsEmpty)
            {
                field.SetCustomAttribute(s_nullable, [1, 0, .. BitConverter.GetBytes(member.Nullability.Length), .. member.Nullability, 0, 0]);
            }
        }

        if (!shape.Dropped.IsEmpty)
        {
            type.SetCustomAttribute(s_dropped, Blob([.. shape.Dropped], isArray: true));
        }

        foreach (var (old, now) in shape.Renamed)
        {
            type.SetCustomAttribute(s_renamed, Blob([old, now], isArray: false));
        }
    }

    private Type Parent(WireShape shape, WireType parent, TypeBuilder type)
    {
        if (parent is WireType.Hot)
        {
            return TypeOf(parent, type);
        }

        // Whose insides conversion knows, or that has none.
        return parent is WireType.Shared(var name, _) && _scope.Shared(name) is { IsClass: true, IsSealed: false } known
            && (SharedRules.Find(name) is { MayBeParent: true } || !Closed.Fields(known).Any())
                ? TypeOf(parent, type)
                : throw new WireDamagedException($"{shape.Name} derives from {parent}, which it cannot derive from");
    }

    private static void Names(WireShape shape, TypeBuilder type)
    {
        var underlying = ((WireType.Leaf)shape.Underlying!).Row.Type;
        type.SetParent(typeof(Enum));
        type.DefineField("value__", underlying, FieldAttributes.Public | FieldAttributes.SpecialName | FieldAttributes.RTSpecialName);

        foreach (var (name, value) in shape.Names)
        {
            var number = underlying == typeof(ulong) ? unchecked((ulong)value) : Convert.ChangeType(value, underlying, CultureInfo.InvariantCulture);
            type.DefineField(name, type, FieldAttributes.Public | FieldAttributes.Static | FieldAttributes.Literal).SetConstant(number);
        }
    }

    // What the reader does not know at all stands as an object: a value of it cannot come.
    private Type TypeOf(WireType type, TypeBuilder around) => type switch
    {
        WireType.Leaf(var row) => row.Type,
        WireType.Parameter(var index) => around.GetGenericArguments()[index],
        WireType.Array(var element, var rank) => TypeOf(element, around) is var of && rank == 0 ? of.MakeArrayType() : TypeOf(element, around).MakeArrayType(rank),
        WireType.Hot(var shape, _) when _shapes[shape].Kind == ShapeKind.Delegate => typeof(object),
        WireType.Hot(var shape, var arguments) => Close(_made[_shapes[shape].Name], arguments, around),
        WireType.Shared(var name, var arguments) when _scope.Shared(name) is { } known && !known.IsByRefLike && known.GetGenericArguments().Length == arguments.Length => Close(known, arguments, around),
        _ => typeof(object),
    };

    private Type Close(Type definition, ImmutableArray<WireType> arguments, TypeBuilder around) =>
        arguments.IsEmpty ? definition : definition.MakeGenericType([.. arguments.Select(argument => TypeOf(argument, around))]);

    // Those around it and those that it derives from come first.
    private void Create(string name, HashSet<string> created)
    {
        if (!created.Add(name))
        {
            return;
        }

        if (name.LastIndexOf('+') is > 0 and var at)
        {
            Create(name[..at], created);
        }

        if (_numbers.TryGetValue(name, out var number))
        {
            foreach (var hot in _shapes[number].Interfaces.Append(_shapes[number].Parent).OfType<WireType.Hot>())
            {
                Create(_shapes[hot.Shape].Name, created);
            }
        }

        _made[name].CreateType();
    }

    // ECMA-335, II.23.3.
    private static byte[] Blob(string?[] texts, bool isArray)
    {
        var blob = new System.Reflection.Metadata.BlobBuilder();
        blob.WriteUInt16(1);

        if (isArray)
        {
            blob.WriteInt32(texts.Length);
        }

        foreach (var text in texts)
        {
            blob.WriteSerializedString(text);
        }

        blob.WriteUInt16(0);
        return blob.ToArray();
    }

    private sealed class WireContext(string name, WireScope scope) : AssemblyLoadContext(name, isCollectible: true)
    {
        protected override Assembly? Load(AssemblyName assemblyName) => scope.Referenced.FirstOrDefault(assembly => assembly.GetName().Name == assemblyName.Name);
    }
}
