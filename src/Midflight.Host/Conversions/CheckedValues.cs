using System.Reflection;
using System.Reflection.Emit;

namespace Midflight.Host;

/// <summary>What computes a value: constants, operators, new objects, and a choice between two of them.</summary>
internal sealed partial class CheckedIL
{
    /// <summary>The type of what is on top.</summary>
    internal Type Top => _stack.Peek();

    internal void Constant(object value)
    {
        switch (value)
        {
            case int number:
                il.Emit(OpCodes.Ldc_I4, number);
                break;
            case long number:
                il.Emit(OpCodes.Ldc_I8, number);
                break;
            case float number:
                il.Emit(OpCodes.Ldc_R4, number);
                break;
            case double number:
                il.Emit(OpCodes.Ldc_R8, number);
                break;
            default:
                throw new InvalidOperationException($"There is no constant of {value.GetType()}.");
        }

        _stack.Push(value.GetType());
    }

    /// <summary>Null, for a place of this type.</summary>
    internal void Null(Type type)
    {
        il.Emit(OpCodes.Ldnull);
        Push(type.IsValueType ? throw new InvalidOperationException($"{type} cannot be null.") : type);
    }

    internal void LoadStatic(FieldInfo field)
    {
        il.Emit(OpCodes.Ldsfld, field);
        Push(field.FieldType);
    }

    /// <summary>Makes what is on top fit a place: a reference by a cast that checks, a number as it lies on the stack.</summary>
    internal void Fit(Type wanted)
    {
        var found = _stack.Peek();

        if (Fits(found, wanted))
        {
            return;
        }

        if (IsObject(found) && IsObject(wanted))
        {
            Cast(wanted);
        }
        else if (OnStack(found) is { } number && number == OnStack(wanted))
        {
            _stack.Pop();
            Push(wanted);
        }
        else if (OnStack(found) == typeof(int) && OnStack(wanted) == typeof(long))
        {
            il.Emit(OpCodes.Conv_I8);
            _stack.Pop();
            Push(wanted);
        }
    }

    /// <summary>An operator or a conversion of numbers; of references only whether they are the same.</summary>
    internal void Compute(OpCode code)
    {
        var name = code.Name!;
        var isUnary = name is "neg" or "not" || name.StartsWith("conv.", StringComparison.Ordinal);
        var right = _stack.Pop();
        var left = isUnary ? right : _stack.Pop();
        var isComparison = name is "ceq" or "cgt.un" or "cgt" or "clt" or "clt.un";
        var isSame = OnStack(left) is { } number && (number == OnStack(right) || name is "shl" or "shr" or "shr.un");

        if (!isSame && !(name is "ceq" or "cgt.un" && IsObject(left) && IsObject(right)))
        {
            throw new InvalidOperationException($"There is no {name} of {left} and {right}. Report this as a fault of Midflight.");
        }

        il.Emit(code);
        Push(isComparison ? typeof(int) : name.StartsWith("conv.", StringComparison.Ordinal) ? Converted(name) : OnStack(left)!);
    }

    internal void IsInstance(Type type)
    {
        Pop(typeof(object));
        il.Emit(OpCodes.Isinst, type);
        Push(type.IsValueType ? typeof(object) : type);
    }

    internal void SizeOf(Type type)
    {
        il.Emit(OpCodes.Sizeof, type);
        Push(typeof(int));
    }

    internal void HandleOf(FieldInfo field)
    {
        il.Emit(OpCodes.Ldtoken, field);
        Push(typeof(RuntimeFieldHandle));
    }

    internal void HandleOf(Type type)
    {
        _types.Add(type);
        il.Emit(OpCodes.Ldtoken, type);
        Push(typeof(RuntimeTypeHandle));
    }

    internal void New(ConstructorInfo constructor)
    {
        PopArguments(constructor);
        il.Emit(OpCodes.Newobj, constructor);
        Push(constructor.DeclaringType!);
    }

    /// <summary>A delegate to a method, bound to what is on top.</summary>
    internal void NewDelegate(ConstructorInfo constructor, MethodInfo method, bool isVirtual)
    {
        var invoke = constructor.DeclaringType!.GetMethod("Invoke")!;
        var closed = method.IsStatic ? method.GetParameters().Skip(method.GetParameters().Length - invoke.GetParameters().Length) : method.GetParameters();

        // What the delegate is given has to fit the method, and what this returns the delegate.
        if (closed.Count() != invoke.GetParameters().Length
            || !closed.Zip(invoke.GetParameters()).All(pair => Fits(pair.Second.ParameterType, pair.First.ParameterType))
            || !Fits(method.ReturnType, invoke.ReturnType))
        {
            throw new InvalidOperationException($"{method} is no {constructor.DeclaringType}. Report this as a fault of Midflight.");
        }

        if (!method.IsStatic)
        {
            Fit(method.DeclaringType!.IsValueType ? typeof(object) : method.DeclaringType);
            Pop(method.DeclaringType.IsValueType ? typeof(object) : method.DeclaringType);
        }
        else
        {
            Pop(typeof(object));
        }

        if (isVirtual)
        {
            il.Emit(OpCodes.Dup);
        }

        il.Emit(isVirtual ? OpCodes.Ldvirtftn : OpCodes.Ldftn, method);
        il.Emit(OpCodes.Newobj, constructor);
        Push(constructor.DeclaringType!);
    }

    internal void NewArray(Type element)
    {
        Fit(typeof(int));
        Pop(typeof(int));
        il.Emit(OpCodes.Newarr, element);
        Push(element.MakeArrayType());
    }

    /// <summary>Puts a value, behind array and index, into the array.</summary>
    internal void StoreElement(Type element)
    {
        Pop(element);
        Pop(typeof(int));
        Pop(element.MakeArrayType());
        il.Emit(OpCodes.Stelem, element);
    }

    /// <summary>Puts a value where the reference behind it points.</summary>
    internal void StoreAt(Type type)
    {
        Pop(type);
        Pop(type.MakeByRefType());
        il.Emit(OpCodes.Stobj, type);
    }

    internal void LoadFrom(Type type)
    {
        Pop(type.MakeByRefType());
        il.Emit(OpCodes.Ldobj, type);
        Push(type);
    }

    /// <summary>Drops what is on top.</summary>
    internal void Drop()
    {
        _stack.Pop();
        il.Emit(OpCodes.Pop);
    }

    /// <summary>Either of two values, as one on top that is a number or an object says. Each is stored by who emits it.</summary>
    internal void Choose(Action yes, Action no)
    {
        var (isNo, end) = (il.DefineLabel(), il.DefineLabel());
        var condition = _stack.Pop();

        if (OnStack(condition) is null && !IsObject(condition))
        {
            throw new InvalidOperationException($"{condition} is no condition. Report this as a fault of Midflight.");
        }

        var before = _stack.ToArray();
        il.Emit(OpCodes.Brfalse, isNo);
        yes();
        Same(before);
        il.Emit(OpCodes.Br, end);
        il.MarkLabel(isNo);
        no();
        Same(before);
        il.MarkLabel(end);
    }

    private void Same(Type[] before)
    {
        if (!before.SequenceEqual(_stack))
        {
            throw new InvalidOperationException("A choice leaves something on the stack. Report this as a fault of Midflight.");
        }
    }

    private static Type Converted(string name) => name.Split('.')[^1] switch
    {
        "i8" or "u8" => typeof(long),
        "r4" => typeof(float),
        "r8" => typeof(double),
        "i" or "u" => typeof(nint),
        "un" => name.Contains("i8", StringComparison.Ordinal) || name.Contains("u8", StringComparison.Ordinal) ? typeof(long)
            : name == "conv.r.un" ? typeof(double) : typeof(int),
        _ => typeof(int),
    };

    // What a number is on the stack, where there are few sorts.
    private static Type? OnStack(Type type) => Number(type) is not { } number ? null
        : number == typeof(long) || number == typeof(ulong) ? typeof(long)
        : number == typeof(float) || number == typeof(double) ? typeof(double)
        : number == typeof(nint) || number == typeof(nuint) ? typeof(nint)
        : typeof(int);
}
