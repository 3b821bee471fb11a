using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Midflight.Releases.Declared;

namespace Midflight.Host;

/// <summary>Emits what computes the values that the code declares for new members. No constructor of the application is called.</summary>
/// <param name="il">Where to.</param>
/// <param name="self">The object that the members are of.</param>
internal sealed class DeclaredEmitter(CheckedIL il, LocalBuilder self)
{
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly MethodInfo s_allocate = ((Func<Type, object>)RuntimeHelpers.GetUninitializedObject).Method;

    // An object that stands in several places is made once. In a choice each way makes its own.
    private Dictionary<DeclaredObject, LocalBuilder> _made = new(ReferenceEqualityComparer.Instance);
    private readonly Stack<LocalBuilder> _itself = new();

    private Type Owner => self.LocalType;

    /// <summary>Emits the setting of one new member.</summary>
    public void Set(FieldInfo field, DeclaredValue value)
    {
        il.LoadOwner(self);
        Emit(value, field.FieldType);
        il.Store(field);
    }

    // Leaves the value on the stack; as one of the expected type, where one is expected.
    private void Emit(DeclaredValue value, Type? expected)
    {
        switch (value)
        {
            case DeclaredValue.Constant(null):
                Empty(expected);
                return;
            case DeclaredValue.Constant(string text):
                il.Text(text);
                break;
            case DeclaredValue.Constant(decimal number):
                Emit(number);
                break;
            case DeclaredValue.Constant(var constant):
                il.Constant(constant!);
                break;
            case DeclaredValue.Kept(var member):
                il.LoadOwner(self);
                il.Load(LoadedTypes.Field(Owner, member));
                break;
            case DeclaredValue.Self:
                il.Load(self);
                break;
            case DeclaredValue.Itself:
                il.Load(_itself.Peek());
                break;
            case DeclaredValue.Operation operation:
                Operation(operation);
                break;
            case DeclaredValue.Made(var made):
                il.Load(Made(made));
                break;
            case DeclaredValue.Choice(var condition, var yes, var no):
                Choice(condition, yes, no, expected ?? typeof(object));
                break;
            default:
                throw new InvalidOperationException($"{value} is not known.");
        }

        if (expected is not null && value is DeclaredValue.Constant && Nullable.GetUnderlyingType(expected) is { } inner)
        {
            il.Fit(inner);
            il.New(expected.GetConstructor([inner])!);
        }
        else if (expected is not null)
        {
            il.Fit(expected);
        }
    }

    private void Emit(decimal number)
    {
        var bits = decimal.GetBits(number);
        il.Constant(bits[0]);
        il.Constant(bits[1]);
        il.Constant(bits[2]);
        il.Constant(number < 0 ? 1 : 0);
        il.Fit(typeof(bool));
        il.Constant((int)number.Scale);
        il.Fit(typeof(byte));
        il.New(typeof(decimal).GetConstructor([typeof(int), typeof(int), typeof(int), typeof(bool), typeof(byte)])!);
    }

    private void Empty(Type? expected)
    {
        if (expected is null)
        {
            il.Constant(0);
        }
        else if (expected.IsValueType)
        {
            var empty = il.Declare(expected);
            il.Clear(empty);
            il.Load(empty);
        }
        else
        {
            il.Null(expected);
        }
    }

    private void Operation(DeclaredValue.Operation operation)
    {
        var (code, token, operands) = operation;

        switch (token is null ? null : Resolve(token))
        {
            case null:
                Compute(code, operands);
                break;
            case FieldInfo field when code == OpCodes.Ldtoken:
                il.HandleOf(field);
                break;
            case FieldInfo field:
                il.LoadStatic(field);
                break;
            case Type type when code == OpCodes.Ldtoken:
                il.HandleOf(type);
                break;
            case Type type when code == OpCodes.Sizeof:
                il.SizeOf(type);
                break;
            case Type type when code == OpCodes.Box:
                Emit(operands[0], type);
                il.Box(type);
                break;
            case Type type when code == OpCodes.Isinst:
                Emit(operands[0], typeof(object));
                il.IsInstance(type);
                break;
            case ConstructorInfo constructor when operands is [var target, DeclaredValue.Operation { Token: { } method } function]:
                Emit(target, typeof(object));
                il.NewDelegate(constructor, (MethodInfo)Resolve(method), function.Code == OpCodes.Ldvirtftn);
                break;
            case MethodInfo method:
                Call(method, operands);
                break;
            case var member:
                throw new InvalidOperationException($"{code.Name} of {member} is not known.");
        }
    }

    private void Compute(OpCode code, IReadOnlyList<DeclaredValue> operands)
    {
        // The empty value is one of the other operand's type.
        if (operands is [var left, DeclaredValue.Constant(null)])
        {
            Emit(left, null);
            Empty(il.Top);
        }
        else
        {
            foreach (var operand in operands)
            {
                Emit(operand, null);
            }
        }

        il.Compute(code);
    }

    private void Call(MethodInfo method, IReadOnlyList<DeclaredValue> operands)
    {
        var first = 0;

        if (!method.IsStatic)
        {
            Receiver(operands[first++], method.DeclaringType!);
        }

        foreach (var parameter in method.GetParameters())
        {
            if (parameter.ParameterType.IsByRef)
            {
                Spill(operands[first++], parameter.ParameterType.GetElementType()!);
            }
            else
            {
                Emit(operands[first++], parameter.ParameterType);
            }
        }

        il.Call(method);
    }

    private void Receiver(DeclaredValue value, Type declaring)
    {
        if (!declaring.IsValueType)
        {
            Emit(value, declaring);
        }
        else if (value is DeclaredValue.Itself)
        {
            il.LoadAddress(_itself.Peek());
        }
        else if (value is DeclaredValue.Made(var made))
        {
            il.LoadAddress(Made(made));
        }
        else
        {
            Spill(value, declaring);
        }
    }

    private void Spill(DeclaredValue value, Type of)
    {
        var local = il.Declare(of);
        Emit(value, of);
        il.Store(local);
        il.LoadAddress(local);
    }

    private LocalBuilder Made(DeclaredObject made)
    {
        if (_made.TryGetValue(made, out var known))
        {
            return known;
        }

        var member = Resolve(made.Creation);
        var of = made.Kind == DeclaredObjectKind.Array ? ((Type)member).MakeArrayType() : member.DeclaringType!;
        var local = il.Declare(of);

        switch (made.Kind)
        {
            case DeclaredObjectKind.Array:
                Emit(made.Arguments[0], typeof(int));
                il.NewArray((Type)member);
                il.Store(local);
                break;
            case DeclaredObjectKind.Shared:
                var constructor = (ConstructorInfo)member;

                foreach (var (argument, parameter) in made.Arguments.Zip(constructor.GetParameters()))
                {
                    Emit(argument, parameter.ParameterType);
                }

                il.New(constructor);
                il.Store(local);
                break;
            case DeclaredObjectKind.HotClass:
                il.TypeOf(of);
                il.Call(s_allocate);
                il.Cast(of);
                il.Store(local);
                break;
            case DeclaredObjectKind.HotStruct:
                il.Clear(local);
                break;
        }

        // Known before its fields are there, so that what refers back to it finds it.
        _made.Add(made, local);

        foreach (var (field, value) in made.Fields)
        {
            var info = FieldOf(of, field);
            il.LoadOwner(local);
            Emit(value, info.FieldType);
            il.Store(info);
        }

        _itself.Push(local);
        made.Calls.ForEach(Change);
        _itself.Pop();
        return local;
    }

    private void Change(DeclaredValue.Operation call)
    {
        var operands = call.Operands;

        if (call.Token is not null && Resolve(call.Token) is MethodInfo method)
        {
            Call(method, operands);

            if (method.ReturnType != typeof(void))
            {
                il.Drop();
            }
        }
        else if (operands is [_, var index, var element])
        {
            // Into an array, by its index.
            var type = _itself.Peek().LocalType.GetElementType()!;
            il.Load(_itself.Peek());
            Emit(index, typeof(int));
            Emit(element, type);
            il.StoreElement(type);
        }
        else
        {
            // Through the reference that a span gives.
            Operation((DeclaredValue.Operation)operands[0]);
            var type = il.Top.GetElementType()!;
            Emit(operands[1], type);
            il.StoreAt(type);
        }
    }

    private void Choice(DeclaredValue condition, DeclaredValue yes, DeclaredValue no, Type expected)
    {
        var result = il.Declare(expected);
        var before = _made;
        Emit(condition, null);
        il.Choose(() => Way(yes), () => Way(no));
        _made = before;
        il.Load(result);

        void Way(DeclaredValue value)
        {
            _made = new(before, ReferenceEqualityComparer.Instance);
            Emit(value, expected);
            il.Store(result);
        }
    }

    private static FieldInfo FieldOf(Type type, DeclaredField field)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            if (LoadedTypes.DefinitionName(at) == field.Type && at.GetField(field.Name, Fields) is { } found)
            {
                return found;
            }
        }

        throw new MissingFieldException(field.Type, field.Name);
    }

    private MemberInfo Resolve(CodeToken token)
    {
        var scope = Scope(token.Scope);
        return scope.Module.ResolveMember(token.Token, scope.IsGenericType ? scope.GetGenericArguments() : null, null)!;
    }

    private Type Scope(CodeScope scope)
    {
        for (var at = scope.From is null ? Owner : Resolve(scope.From) switch { Type named => named, var member => member.DeclaringType }; at is not null; at = at.BaseType)
        {
            if (LoadedTypes.DefinitionName(at) == scope.Type)
            {
                return at;
            }
        }

        throw new TypeLoadException($"{scope.Type} is not among the types that {Owner} derives from.");
    }
}
