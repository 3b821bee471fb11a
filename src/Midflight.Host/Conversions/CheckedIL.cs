using System.Reflection;
using System.Reflection.Emit;

namespace Midflight.Host;

/// <summary>Emits instructions, and refuses each one that would put a value where its type does not fit.</summary>
/// <remarks>
/// <para>
/// .NET does not verify what a dynamic method does: a wrong type there does not fail, it reads and writes memory by foreign offsets. So the
/// types on the stack are followed here, as a verifier follows them, and the fault is an exception when the method is made. The one rule of a verifier
/// that is left out hurts no memory: private members can be used.
/// </para>
/// <para>
/// The types are kept too (<see cref="Types"/>). The signature of a dynamic method's locals does not keep a collectible type in memory; whoever
/// keeps the delegate has to keep these with it.
/// </para>
/// </remarks>
internal sealed partial class CheckedIL(ILGenerator il)
{
    private readonly Stack<Type> _stack = new();
    private readonly Dictionary<Label, Type[]> _labels = [];
    private readonly HashSet<Type> _types = [];

    /// <summary>Every type that the instructions mention.</summary>
    internal IReadOnlyCollection<Type> Types => _types;

    internal LocalBuilder Declare(Type type)
    {
        _types.Add(type);
        return il.DeclareLocal(type);
    }

    internal void Argument(short index, Type type)
    {
        il.Emit(OpCodes.Ldarg, index);
        _stack.Push(type);
    }

    internal void Load(LocalBuilder local)
    {
        il.Emit(OpCodes.Ldloc, local);
        _stack.Push(local.LocalType);
    }

    /// <summary>Loads what members are read from and written to: an object, or where a struct is.</summary>
    internal void LoadOwner(LocalBuilder local)
    {
        if (local.LocalType.IsValueType)
        {
            LoadAddress(local);
        }
        else
        {
            Load(local);
        }
    }

    internal void LoadAddress(LocalBuilder local)
    {
        il.Emit(OpCodes.Ldloca, local);
        _stack.Push(local.LocalType.MakeByRefType());
    }

    internal void Store(LocalBuilder local)
    {
        Pop(local.LocalType);
        il.Emit(OpCodes.Stloc, local);
    }

    internal void Load(FieldInfo field)
    {
        PopOwner(field);
        il.Emit(OpCodes.Ldfld, field);
        Push(field.FieldType);
    }

    internal void Store(FieldInfo field)
    {
        Pop(field.FieldType);
        PopOwner(field);
        il.Emit(OpCodes.Stfld, field);
    }

    /// <summary>Makes an object what it is said to be, or throws when the method runs.</summary>
    internal void Cast(Type to)
    {
        Pop(typeof(object));
        il.Emit(to.IsValueType ? OpCodes.Unbox_Any : OpCodes.Castclass, to);
        Push(to);
    }

    /// <summary>Where the box of a struct holds it.</summary>
    internal void Unbox(Type type)
    {
        Pop(typeof(object));
        il.Emit(OpCodes.Unbox, type);
        Push(type.MakeByRefType());
    }

    /// <summary>Makes a struct an object; anything else is one.</summary>
    internal void Box(Type type)
    {
        if (type.IsValueType)
        {
            Pop(type);
            il.Emit(OpCodes.Box, type);
            Push(typeof(object));
        }
    }

    internal void Text(string text)
    {
        il.Emit(OpCodes.Ldstr, text);
        _stack.Push(typeof(string));
    }

    /// <summary>Sets a local to null or, of a struct, to nothing.</summary>
    internal void Clear(LocalBuilder local)
    {
        LoadAddress(local);
        Pop(local.LocalType.MakeByRefType());
        il.Emit(OpCodes.Initobj, local.LocalType);
    }

    internal void TypeOf(Type type)
    {
        _types.Add(type);
        il.Emit(OpCodes.Ldtoken, type);
        _stack.Push(typeof(RuntimeTypeHandle));
        Call(((Func<RuntimeTypeHandle, Type>)Type.GetTypeFromHandle!).Method);
    }

    /// <summary>An element of an array of objects.</summary>
    internal void Element(int index)
    {
        Pop(typeof(object[]));
        il.Emit(OpCodes.Ldc_I4, index);
        il.Emit(OpCodes.Ldelem_Ref);
        _stack.Push(typeof(object));
    }

    internal void Call(MethodInfo method)
    {
        PopArguments(method);

        if (!method.IsStatic)
        {
            Pop(method.DeclaringType!.IsValueType ? method.DeclaringType.MakeByRefType() : method.DeclaringType);
        }

        il.Emit(method.IsVirtual && !method.DeclaringType!.IsValueType ? OpCodes.Callvirt : OpCodes.Call, method);

        if (method.ReturnType != typeof(void))
        {
            Push(method.ReturnType);
        }
    }

    internal Label Label() => il.DefineLabel();

    /// <summary>Goes to a label where an object is null. What is on the stack stays there.</summary>
    internal void IfNull(Label label)
    {
        Pop(typeof(object));
        il.Emit(OpCodes.Brfalse, label);
        _labels.Add(label, [.. _stack]);
    }

    internal void Mark(Label label)
    {
        if (!_labels[label].SequenceEqual(_stack))
        {
            throw new InvalidOperationException($"Two ways lead to one place with other things on the stack: {string.Join(", ", _labels[label])}; and {string.Join(", ", _stack)}.");
        }

        il.MarkLabel(label);
    }

    internal void Return()
    {
        Pop(typeof(object));
        il.Emit(OpCodes.Ret);
    }

    private void Push(Type type)
    {
        _types.Add(type);
        _stack.Push(type);
    }

    private void PopArguments(MethodBase method)
    {
        foreach (var parameter in method.GetParameters().Reverse())
        {
            Pop(parameter.ParameterType);
        }
    }

    private void PopOwner(FieldInfo field) => Pop(field.DeclaringType!.IsValueType ? field.DeclaringType.MakeByRefType() : field.DeclaringType);

    private void Pop(Type wanted)
    {
        _types.Add(wanted);
        var found = _stack.Pop();

        if (!Fits(found, wanted))
        {
            throw new InvalidOperationException($"There is a {found} where a {wanted} is wanted. Report this as a fault of Midflight.");
        }
    }

    private static bool Fits(Type found, Type wanted) =>
        found == wanted
        || (IsObject(wanted) && IsObject(found) && wanted.IsAssignableFrom(found))
        || (Number(found) is { } number && number == Number(wanted));

    private static bool IsObject(Type type) => !type.IsValueType && !type.IsByRef && !type.IsPointer;

    // On the stack an enum is a number.
    private static Type? Number(Type type) => type.IsEnum ? type.GetEnumUnderlyingType() : type.IsPrimitive ? type : null;
}
