using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Midflight.Host;

/// <summary>Compiles the moves of a <see cref="FieldPlan"/> into a method.</summary>
/// <remarks>
/// For a class it reads, in C# that may see everything:
/// <code>
/// if (crossing.Seen(value) is { } seen) return seen;
/// var now = (To)RuntimeHelpers.GetUninitializedObject(typeof(To));
/// crossing.Begin(value, now);
/// now.User = old.User;                              // a copy
/// crossing.Enter("Rooms"); var rooms = parts[0].Convert(old.Rooms, crossing); crossing.Leave();
/// now..ctor(now.User, rooms, 0);                    // only where a new member has a declared default
/// now.Rooms = rooms;
/// crossing.End();
/// return now;
/// </code>
/// The object exists before its members are converted, so a cycle finds it.
/// </remarks>
internal sealed class ShapeCompiler
{
    private static readonly MethodInfo s_convert = typeof(Converter).GetMethod(nameof(Converter.Convert))!;
    private static readonly MethodInfo s_seen = typeof(Crossing).GetMethod(nameof(Crossing.Seen))!;
    private static readonly MethodInfo s_begin = typeof(Crossing).GetMethod(nameof(Crossing.Begin))!;
    private static readonly MethodInfo s_end = typeof(Crossing).GetMethod(nameof(Crossing.End))!;
    private static readonly MethodInfo s_enter = typeof(Crossing).GetMethod(nameof(Crossing.Enter), [typeof(string)])!;
    private static readonly MethodInfo s_leave = typeof(Crossing).GetMethod(nameof(Crossing.Leave))!;
    private static readonly MethodInfo s_allocate = ((Func<Type, object>)RuntimeHelpers.GetUninitializedObject).Method;
    private static readonly MethodInfo s_typeOf = ((Func<RuntimeTypeHandle, Type>)Type.GetTypeFromHandle!).Method;
    private static readonly MethodInfo s_exception = ((Action<Exception, Exception, Crossing>)ExceptionParts.Copy).Method;

    private readonly FieldPlan _plan;
    private readonly ILGenerator _il;
    private readonly List<object?> _parts = [];
    private readonly LocalBuilder _old;
    private readonly LocalBuilder _now;
    private readonly LocalBuilder?[] _values;

    private ShapeCompiler(FieldPlan plan, ILGenerator il)
    {
        (_plan, _il) = (plan, il);
        // A struct is read where its box holds it.
        _old = il.DeclareLocal(plan.From.IsValueType ? plan.From.MakeByRefType() : plan.From);
        _now = il.DeclareLocal(plan.To);
        _values = new LocalBuilder?[plan.Moves.Length];
    }

    public static Func<object, Crossing, object> Compile(FieldPlan plan)
    {
        var method = new DynamicMethod(
            $"{plan.From.Name} to {plan.To.Name}", typeof(object), [typeof(object?[]), typeof(object), typeof(Crossing)], typeof(ShapeCompiler).Module, skipVisibility: true);
        var compiler = new ShapeCompiler(plan, method.GetILGenerator());
        compiler.Emit();
        return method.CreateDelegate<Func<object, Crossing, object>>(compiler._parts.ToArray());
    }

    private void Emit()
    {
        if (_plan.To.IsValueType)
        {
            _il.Emit(OpCodes.Ldarg_1);
            _il.Emit(OpCodes.Unbox, _plan.From);
            _il.Emit(OpCodes.Stloc, _old);
        }
        else
        {
            EmitAllocation();
        }

        if (_plan.Constructor is not null)
        {
            EmitConstructor(_plan.Constructor);
        }

        if (_plan.To.IsAssignableTo(typeof(Exception)))
        {
            _il.Emit(OpCodes.Ldloc, _old);
            _il.Emit(OpCodes.Ldloc, _now);
            _il.Emit(OpCodes.Ldarg_2);
            _il.Emit(OpCodes.Call, s_exception);
        }

        for (var i = 0; i < _plan.Moves.Length; i++)
        {
            EmitNow();
            EmitValue(i);
            _il.Emit(OpCodes.Stfld, _plan.Moves[i].To);
        }

        EmitResult();
    }

    private void EmitAllocation()
    {
        if (!_plan.IsStep)
        {
            EmitSeen();
        }

        // The table gives only values of just this type here, so neither cast needs a check.
        _il.Emit(OpCodes.Ldarg_1);
        _il.Emit(OpCodes.Stloc, _old);
        _il.Emit(OpCodes.Ldtoken, _plan.To);
        _il.Emit(OpCodes.Call, s_typeOf);
        _il.Emit(OpCodes.Call, s_allocate);
        _il.Emit(OpCodes.Stloc, _now);
        EmitBegin();
    }

    private void EmitSeen()
    {
        var isNew = _il.DefineLabel();
        _il.Emit(OpCodes.Ldarg_2);
        _il.Emit(OpCodes.Ldarg_1);
        _il.Emit(OpCodes.Call, s_seen);
        _il.Emit(OpCodes.Dup);
        _il.Emit(OpCodes.Brfalse, isNew);
        _il.Emit(OpCodes.Ret);
        _il.MarkLabel(isNew);
        _il.Emit(OpCodes.Pop);
    }

    private void EmitConstructor(ConstructorInfo constructor)
    {
        foreach (var move in _plan.Arguments.Where(move => move >= 0))
        {
            EmitValue(move);
            _values[move] = _il.DeclareLocal(_plan.Moves[move].To.FieldType);
            _il.Emit(OpCodes.Stloc, _values[move]!);
        }

        EmitNow();

        foreach (var (move, parameter) in _plan.Arguments.Zip(constructor.GetParameters()))
        {
            if (move >= 0)
            {
                _il.Emit(OpCodes.Ldloc, _values[move]!);
            }
            else
            {
                EmitDefault(parameter);
            }
        }

        _il.Emit(OpCodes.Call, constructor);
    }

    private void EmitDefault(ParameterInfo parameter)
    {
        if (parameter is { HasDefaultValue: true, DefaultValue: { } value })
        {
            EmitPart(value);
            _il.Emit(OpCodes.Unbox_Any, parameter.ParameterType);
        }
        else if (parameter.ParameterType.IsValueType)
        {
            var empty = _il.DeclareLocal(parameter.ParameterType);
            _il.Emit(OpCodes.Ldloca, empty);
            _il.Emit(OpCodes.Initobj, parameter.ParameterType);
            _il.Emit(OpCodes.Ldloc, empty);
        }
        else
        {
            _il.Emit(OpCodes.Ldnull);
        }
    }

    // Leaves the value for a new field on the stack.
    private void EmitValue(int index)
    {
        var move = _plan.Moves[index];

        if (_values[index] is { } known)
        {
            _il.Emit(OpCodes.Ldloc, known);
        }
        else if (move.IsCopy)
        {
            EmitOld(move);
        }
        else
        {
            EmitConversion(move);
        }
    }

    private void EmitConversion(FieldMove move)
    {
        var (from, to) = (move.From.FieldType, move.To.FieldType);
        var value = _il.DeclareLocal(typeof(object));
        var isEmpty = _il.DefineLabel();

        EmitOld(move);

        if (from.IsValueType)
        {
            _il.Emit(OpCodes.Box, from);
        }

        _il.Emit(OpCodes.Stloc, value);
        _il.Emit(OpCodes.Ldloc, value);
        _il.Emit(OpCodes.Brfalse, isEmpty);

        _il.Emit(OpCodes.Ldarg_2);
        _il.Emit(OpCodes.Ldstr, move.Name);
        _il.Emit(OpCodes.Call, s_enter);
        EmitPart(move.Converter);
        _il.Emit(OpCodes.Ldloc, value);
        _il.Emit(OpCodes.Ldarg_2);
        _il.Emit(OpCodes.Callvirt, s_convert);
        _il.Emit(OpCodes.Stloc, value);
        _il.Emit(OpCodes.Ldarg_2);
        _il.Emit(OpCodes.Call, s_leave);

        _il.MarkLabel(isEmpty);
        _il.Emit(OpCodes.Ldloc, value);
        // Checks: what a place open to many types holds may have become something that does not fit.
        _il.Emit(to.IsValueType ? OpCodes.Unbox_Any : OpCodes.Castclass, to);
    }

    private void EmitOld(FieldMove move)
    {
        _il.Emit(OpCodes.Ldloc, _old);
        _il.Emit(OpCodes.Ldfld, move.From);
    }

    private void EmitNow() => _il.Emit(_plan.To.IsValueType ? OpCodes.Ldloca : OpCodes.Ldloc, _now);

    private void EmitPart(object part)
    {
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldc_I4, _parts.Count);
        _il.Emit(OpCodes.Ldelem_Ref);
        _parts.Add(part);
    }

    private void EmitResult()
    {
        if (!_plan.To.IsValueType && !_plan.IsStep)
        {
            _il.Emit(OpCodes.Ldarg_2);
            _il.Emit(OpCodes.Call, s_end);
        }

        _il.Emit(OpCodes.Ldloc, _now);

        if (_plan.To.IsValueType)
        {
            _il.Emit(OpCodes.Box, _plan.To);
        }

        _il.Emit(OpCodes.Ret);
    }

    private void EmitBegin()
    {
        if (!_plan.IsStep)
        {
            _il.Emit(OpCodes.Ldarg_2);
            _il.Emit(OpCodes.Ldarg_1);
            _il.Emit(OpCodes.Ldloc, _now);
            _il.Emit(OpCodes.Call, s_begin);
        }
    }
}
