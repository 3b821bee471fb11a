using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Midflight.Releases;

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
/// now.Rooms = rooms;
/// now.Limit = 10;                                   // a new member, whose value the code declares
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
    private static readonly MethodInfo s_enterMember = typeof(Crossing).GetMethod(nameof(Crossing.Enter), [typeof(string), typeof(object), typeof(FieldInfo)])!;
    private static readonly MethodInfo s_base = typeof(BaseState).GetMethod(nameof(BaseState.Take))!;
    private static readonly MethodInfo s_losses = typeof(Crossing).GetProperty(nameof(Crossing.Losses))!.GetMethod!;
    private static readonly MethodInfo s_note = typeof(Losses).GetMethod(nameof(Losses.Note))!;
    private static readonly MethodInfo s_notEmpty = typeof(Crossing).GetMethod(nameof(Crossing.NotEmpty))!;
    private static readonly MethodInfo s_leave = typeof(Crossing).GetMethod(nameof(Crossing.Leave))!;
    private static readonly MethodInfo s_allocate = ((Func<Type, object>)RuntimeHelpers.GetUninitializedObject).Method;
    private static readonly MethodInfo s_exception = ((Action<Exception, Exception, Crossing>)ExceptionParts.Copy).Method;

    private readonly FieldPlan _plan;
    private readonly CheckedIL _il;
    private readonly List<object?> _parts = [];
    private readonly LocalBuilder _old;
    private readonly LocalBuilder _now;

    private ShapeCompiler(FieldPlan plan, CheckedIL il)
    {
        (_plan, _il) = (plan, il);
        // A struct is read where its box holds it.
        _old = il.Declare(plan.From.IsValueType ? plan.From.MakeByRefType() : plan.From);
        _now = il.Declare(plan.To);
    }

    public static Func<object, Crossing, object> Compile(FieldPlan plan)
    {
        var method = new DynamicMethod(
            $"{plan.From.Name} to {plan.To.Name}", typeof(object), [typeof(object?[]), typeof(object), typeof(Crossing)], typeof(ShapeCompiler).Module, skipVisibility: true);
        var il = new CheckedIL(method.GetILGenerator());
        var compiler = new ShapeCompiler(plan, il);
        compiler.Emit();
        // The last part is for nobody to read: it keeps the types of both versions in memory as long as this code is.
        return method.CreateDelegate<Func<object, Crossing, object>>((object?[])[.. compiler._parts, il.Types.ToArray()]);
    }

    private void Emit()
    {
        if (!_plan.IsStep && !_plan.To.IsValueType)
        {
            EmitSeen();
        }

        // Both casts check, though the table gives only values of just this type here: were it wrong once, fields would be read by foreign offsets.
        EmitValue();

        if (_plan.From.IsValueType)
        {
            _il.Unbox(_plan.From);
        }
        else
        {
            _il.Cast(_plan.From);
        }

        _il.Store(_old);

        if (!_plan.To.IsValueType)
        {
            _il.TypeOf(_plan.To);
            _il.Call(s_allocate);
            _il.Cast(_plan.To);
            _il.Store(_now);
            EmitBegin();
        }

        if (_plan.From.IsAssignableTo(typeof(Exception)) && _plan.To.IsAssignableTo(typeof(Exception)))
        {
            _il.Load(_old);
            _il.Load(_now);
            EmitCrossing();
            _il.Call(s_exception);
        }

        if (_plan.Base is not null)
        {
            EmitPart(_plan.Base);
            _il.Cast(typeof(BaseState));
            EmitValue();
            _il.Load(_now);
            EmitCrossing();
            _il.Call(s_base);
        }

        for (var i = 0; i < _plan.Moves.Length; i++)
        {
            _il.LoadOwner(_now);
            EmitValue(i);
            _il.Store(_plan.Moves[i].To);
        }

        EmitLosses();

        // Behind the members that are kept, which they may be computed from.
        var declared = new DeclaredEmitter(_il, _now);

        foreach (var (field, value) in _plan.Declared)
        {
            declared.Set(field, value);
        }

        EmitResult();
    }

    // A step by shape ahead of a [Convert] loses only what the author of the earlier shape has left out.
    private void EmitLosses()
    {
        if (_plan.Lost.IsEmpty || _plan.IsStep)
        {
            return;
        }

        var losses = _il.Declare(typeof(Losses));
        var isUnasked = _il.Label();
        EmitCrossing();
        _il.Call(s_losses);
        _il.Store(losses);
        _il.Load(losses);
        _il.IfNull(isUnasked);

        foreach (var (field, member) in _plan.Lost)
        {
            _il.Load(losses);
            EmitPart(member);
            _il.Cast(typeof(LostMember));
            _il.Load(_old);
            _il.Load(field);
            _il.Box(field.FieldType);
            _il.Call(s_note);
        }

        _il.Mark(isUnasked);
    }

    private void EmitValue() => _il.Argument(1, typeof(object));

    private void EmitCrossing() => _il.Argument(2, typeof(Crossing));

    private void EmitSeen()
    {
        var seen = _il.Declare(typeof(object));
        var isNew = _il.Label();
        EmitCrossing();
        EmitValue();
        _il.Call(s_seen);
        _il.Store(seen);
        _il.Load(seen);
        _il.IfNull(isNew);
        _il.Load(seen);
        _il.Return();
        _il.Mark(isNew);
    }

    // Leaves the value for a new field on the stack.
    private void EmitValue(int index)
    {
        var move = _plan.Moves[index];

        if (move.IsCopy)
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
        var value = _il.Declare(typeof(object));
        var isEmpty = _il.Label();

        EmitOld(move);
        _il.Box(move.From.FieldType);
        _il.Store(value);

        if (move.Empty is not null)
        {
            EmitCrossing();
            _il.Load(value);
            EmitPart(move.Empty);
            _il.Cast(typeof(ConversionRefusal));
            _il.Call(s_notEmpty);
        }

        _il.Load(value);
        _il.IfNull(isEmpty);
        EmitEnter(move);
        EmitPart(move.Converter);
        _il.Cast(typeof(Converter));
        _il.Load(value);
        EmitCrossing();
        _il.Call(s_convert);
        _il.Store(value);
        EmitCrossing();
        _il.Call(s_leave);

        _il.Mark(isEmpty);
        _il.Load(value);
        // What a place open to many types holds may have become something that does not fit.
        _il.Cast(move.To.FieldType);
    }

    // What may be built at the end only has to be told where it will go.
    private void EmitEnter(FieldMove move)
    {
        EmitCrossing();
        _il.Text(move.Name);

        if (_plan.To.IsValueType || !(move.Converter is AnyConverter || move.From.FieldType.Namespace is "System.Collections.Immutable" or "System.Collections.Frozen"))
        {
            _il.Call(s_enter);
            return;
        }

        _il.Load(_now);
        EmitPart(move.To);
        _il.Cast(typeof(FieldInfo));
        _il.Call(s_enterMember);
    }

    private void EmitOld(FieldMove move)
    {
        _il.Load(_old);
        _il.Load(move.From);
    }

    private void EmitPart(object part)
    {
        _il.Argument(0, typeof(object?[]));
        _il.Element(_parts.Count);
        _parts.Add(part);
    }

    private void EmitResult()
    {
        if (!_plan.To.IsValueType && !_plan.IsStep)
        {
            EmitCrossing();
            _il.Call(s_end);
        }

        _il.Load(_now);
        _il.Box(_plan.To);
        _il.Return();
    }

    private void EmitBegin()
    {
        if (!_plan.IsStep)
        {
            EmitCrossing();
            EmitValue();
            _il.Load(_now);
            _il.Call(s_begin);
        }
    }
}
