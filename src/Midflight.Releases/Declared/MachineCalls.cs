using System.Reflection.Emit;

namespace Midflight.Releases.Declared;

/// <summary>What a call does: hot methods are followed, of others it is known what they do or not.</summary>
internal sealed partial class Machine
{
    private readonly Dictionary<DeclaredField, DeclaredValue> _statics = [];

    /// <summary>Whether a static constructor is followed, so that its stores are no effects.</summary>
    public bool IsStatic { get; init; }

    /// <summary>The static fields that were set.</summary>
    public IReadOnlyDictionary<DeclaredField, DeclaredValue> Statics => _statics;

    /// <summary>Whether all calls were understood: running the code would have no effect but its result.</summary>
    public bool IsClean { get; private set; } = true;

    private void Invoke(Frame frame, IlReader.Instruction instruction)
    {
        var method = library.Method(frame.Assembly, instruction.Token(frame.Code.Il));
        var token = Token(frame, instruction);
        var isNew = instruction.Code == OpCodes.Newobj;
        var arguments = frame.Pop(method.Signature.ParameterTypes.Length + (method.IsStatic || isNew ? 0 : 1));

        if (isNew)
        {
            frame.Push(New(method, token, arguments));
        }
        else if (Result(method, token, instruction.Code, arguments) is { } result && !Types.IsVoid(method.Signature.ReturnType))
        {
            frame.Push(result);
        }
        else if (!Types.IsVoid(method.Signature.ReturnType))
        {
            frame.Push(DeclaredValue.Nothing);
        }
    }

    private DeclaredValue New(CodeMethod constructor, CodeToken token, DeclaredValue[] arguments)
    {
        var shape = library.Catalog.Find(constructor.Type);

        // A delegate: to a method, of whatever.
        if (arguments is [var target, DeclaredValue.Operation { Code.Name: "ldftn" or "ldvirtftn" } function])
        {
            return new DeclaredValue.Operation(OpCodes.Newobj, token, [Held(target), function]);
        }

        if (shape is null)
        {
            return PureMembers.IsPure(constructor.Type)
                ? new DeclaredValue.Made(new(DeclaredObjectKind.Shared, token) { Arguments = [.. arguments.Select(Operand)] })
                : Effect(constructor, arguments);
        }

        if (constructor.Body is null || library.Catalog.SharedParent(shape) is not null)
        {
            return Effect(constructor, arguments);
        }

        var isStruct = shape.Kind == ShapeKind.Struct;
        var made = new DeclaredValue.Made(new(isStruct ? DeclaredObjectKind.HotStruct : DeclaredObjectKind.HotClass, token));
        DeclaredValue cell = made;
        DeclaredValue receiver = isStruct ? new DeclaredValue.Address(() => cell, value => cell = value) : made;

        if (Call(constructor, new(token, constructor.Type), [receiver, .. arguments.Select(Passed)]) is DeclaredValue.Unknown(var why))
        {
            made.Object.Taint ??= why;
        }

        return cell;
    }

    private DeclaredValue? Result(CodeMethod method, CodeToken token, OpCode code, DeclaredValue[] arguments)
    {
        if (PureMembers.IsIgnored(method))
        {
            return Types.IsVoid(method.Signature.ReturnType) ? null : new DeclaredValue.Unknown($"{method} is called");
        }

        if (library.Catalog.Find(method.Type) is not null)
        {
            return Hot(method, token, code, arguments);
        }

        if (!method.IsStatic && method.IsConstructor)
        {
            Construct(token, arguments);
            return null;
        }

        if (Volatile(method, arguments, out var value))
        {
            return value;
        }

        return Nullable(method, arguments) ?? Shared(method, token, code, arguments);
    }

    private DeclaredValue? Hot(CodeMethod method, CodeToken token, OpCode code, DeclaredValue[] arguments)
    {
        // What a generic one does with its type arguments is not followed: see Machine.Token.
        if (method.Arity > 0 && (!method.IsStatic || library.Catalog.Find(method.Type) is { Parameters: > 0 }))
        {
            return Effect(method, arguments);
        }

        if (method.IsStatic)
        {
            return method.Body is null ? Effect(method, arguments) : Call(method, new(token, method.Type), [.. arguments.Select(Passed)]);
        }

        var (type, from) = arguments[0] switch
        {
            DeclaredValue.Self => (root.Name, null),
            var receiver when Value(receiver) is DeclaredValue.Made { Object: { Kind: DeclaredObjectKind.HotClass or DeclaredObjectKind.HotStruct } made } =>
                (TypeOf(made), made.Creation),

            // An empty struct, on which a method or a constructor is called.
            DeclaredValue.Address(var load, _) when load() is DeclaredValue.Constant { Value: null } => (method.Type, token),
            _ => ((string?)null, (CodeToken?)null),
        };

        if (type is null)
        {
            return Effect(method, arguments);
        }

        var target = method.Body is null || (code == OpCodes.Callvirt && method.IsVirtual) ? library.Override(type, method) : method;
        return target?.Body is null
            ? Effect(method, arguments)
            : Call(target, new(from, target.Type), [arguments[0], .. arguments.Skip(1).Select(Passed)]);
    }

    // A place that is passed by reference stays one, as the method may set it.
    private static DeclaredValue Passed(DeclaredValue value) => value is DeclaredValue.Address ? value : Held(value);

    // The token stands in the assembly of the type in whose code it is.
    private string TypeOf(DeclaredObject made) =>
        library.AssemblyOf(made.Creation.Scope.Type) is { } assembly ? library.DeclaringType(assembly, made.Creation.Token) : "";

    // The constructor of a base that is not hot has no say in members; that of a struct makes a value.
    private static void Construct(CodeToken token, DeclaredValue[] arguments)
    {
        if (arguments[0] is DeclaredValue.Address(_, var store))
        {
            store(new DeclaredValue.Made(new(DeclaredObjectKind.Shared, token) { Arguments = [.. arguments.Skip(1).Select(Operand)] }));
        }
    }

    private static bool Volatile(CodeMethod method, DeclaredValue[] arguments, out DeclaredValue? value)
    {
        value = null;

        switch (method.Type, method.Name, arguments)
        {
            case ("System.Threading.Volatile", "Read", [var place]):
                value = Value(place);
                return true;
            case ("System.Threading.Volatile", "Write", [DeclaredValue.Address(_, var store), var written]):
                store(Held(written));
                return true;
            default:
                return false;
        }
    }

    private static DeclaredValue? Nullable(CodeMethod method, DeclaredValue[] arguments) => method.Type != "System.Nullable`1" || method.IsStatic
        ? null
        : (method.Name, Value(arguments[0])) switch
        {
            ("get_HasValue", DeclaredValue.Constant { Value: null }) => new DeclaredValue.Constant(0),
            ("get_HasValue", DeclaredValue.Constant) => new DeclaredValue.Constant(1),
            ("get_Value" or "GetValueOrDefault", DeclaredValue.Constant { Value: not null } constant) => constant,
            ("get_HasValue", DeclaredValue.Made { Object: { Arguments: [_], Taint: null } }) => new DeclaredValue.Constant(1),
            ("get_Value", DeclaredValue.Constant { Value: null }) => throw new PathThrowsException(),
            ("get_Value" or "GetValueOrDefault", DeclaredValue.Made { Object: { Arguments: [var value], Taint: null } }) => value,
            ("GetValueOrDefault", DeclaredValue.Constant { Value: null }) => arguments is [_, var other] ? other : DeclaredValue.Nothing,
            _ => null,
        };

    private DeclaredValue Shared(CodeMethod method, CodeToken token, OpCode code, DeclaredValue[] arguments)
    {
        if (PureMembers.Changes(method) && arguments is [var first, ..]
            && Value(first) is DeclaredValue.Made { Object: { Kind: DeclaredObjectKind.Shared or DeclaredObjectKind.Array } } target)
        {
            DeclaredValue.Operation call = new(code, token, [new DeclaredValue.Itself(), .. arguments.Skip(1).Select(Operand)]);
            Change(target, call);
            return (method.Signature.ReturnType as TypeName.Named)?.FullName == method.Type ? target : new DeclaredValue.Unknown($"{method} tells");
        }

        if (Item(method, token, arguments) is { } item)
        {
            return item;
        }

        if (!PureMembers.IsPure(method))
        {
            return Effect(method, arguments);
        }

        return Arithmetic.Of(code, token, [.. arguments.Select(Operand)]);
    }

    // `span[i] = …` of a list, as collection expressions are written.
    private DeclaredValue.Address? Item(CodeMethod method, CodeToken token, DeclaredValue[] arguments)
    {
        if (method is not { Type: "System.Span`1", Name: "get_Item" } || arguments is not [var span, var index]
            || Value(span) is not DeclaredValue.Operation { Operands: [DeclaredValue.Made { Object: { Kind: DeclaredObjectKind.Shared } list }] } view)
        {
            return null;
        }

        var place = new DeclaredValue.Operation(OpCodes.Call, token, [view with { Operands = [new DeclaredValue.Itself()] }, Operand(index)]);
        return new(
            () => new DeclaredValue.Unknown("it depends on an element of a list"),
            value => _stored = (code, stored, content) => list.Calls.Add(new(code, stored, [place, Operand(content)])));
    }

    // References may be put into what is made; only what is looked into has to be known.
    private static DeclaredValue Operand(DeclaredValue value) => Read(value);

    /// <summary>A call that is left out, since it may have an effect: its result is not known, nor what it may have changed.</summary>
    private DeclaredValue.Unknown Effect(CodeMethod method, DeclaredValue[] arguments)
    {
        IsClean = false;
        var unknown = new DeclaredValue.Unknown($"{method} is called");

        foreach (var argument in arguments)
        {
            switch (argument)
            {
                case DeclaredValue.Address(_, var store):
                    store(unknown);
                    break;
                case DeclaredValue.Made(var made):
                    made.Taint ??= unknown.Why;
                    break;
            }
        }

        // A hot method that is not followed may set members of this object.
        if (method.Body is not null && arguments.Any(argument => argument is DeclaredValue.Self))
        {
            Forget(new Frame(method, new(null, method.Type), []), 0, unknown.Why);
        }

        return unknown;
    }
}
