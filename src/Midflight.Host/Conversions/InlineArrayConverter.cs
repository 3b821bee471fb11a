using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Midflight.Host;

/// <summary>Takes over structs that have one field and room for many of it: <c>[InlineArray]</c> and <c>fixed</c> buffers.</summary>
internal sealed class InlineArrayConverter(Type from, Type to) : Converter
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private Func<object, object?[]>? _read;
    private Func<object?[], object>? _write;
    private Converter? _element;

    /// <summary>How many elements a struct has room for; null for one that is no such struct.</summary>
    public static int? LengthOf(Type type) =>
        type.GetCustomAttribute<InlineArrayAttribute>() is { Length: var length } ? length
        : Unmovable.IsBuffer(type) && ElementOf(type) is { } element ? type.StructLayoutAttribute!.Size / SizeOf(element.FieldType)
        : null;

    public override object Convert(object value, Crossing crossing)
    {
        var (before, after) = (LengthOf(from)!.Value, LengthOf(to)!.Value);
        _read ??= Reader(from, before);
        _write ??= Writer(to, after);
        _element ??= crossing.Table.Place(ElementOf(from)!.FieldType, ElementOf(to)!.FieldType);
        var old = _read(value);
        var now = new object?[Math.Max(before, after)];

        for (var i = 0; i < before; i++)
        {
            if (old[i] is { } element)
            {
                crossing.Enter(i);
                now[i] = _element.Convert(element, crossing);
                crossing.Leave();
            }
        }

        return before <= after ? _write(now) : throw crossing.Refuse(new(
            LoadedTypes.Say(to), null, $"has room for {after} elements but had room for {before}, so some would be lost", $"Keep the length of {LoadedTypes.Say(to)}, or convert the type that holds it."));
    }

    private static FieldInfo? ElementOf(Type type) => type.GetFields(Own) is [var only] ? only : null;

    private static int SizeOf(Type element) => element == typeof(bool) ? 1 : element == typeof(char) ? 2 : Marshal.SizeOf(element);

    private static object?[] Read<T>(ref T first, int length)
    {
        var span = MemoryMarshal.CreateSpan(ref first, length);
        var items = new object?[length];

        for (var i = 0; i < length; i++)
        {
            items[i] = span[i];
        }

        return items;
    }

    private static void Write<T>(ref T first, int length, object?[] items)
    {
        var span = MemoryMarshal.CreateSpan(ref first, length);

        for (var i = 0; i < length; i++)
        {
            span[i] = items[i] is T item ? item : default!;
        }
    }

    // The field begins as many of its kind as the struct says that it has room for.
    private static Func<object, object?[]> Reader(Type type, int length)
    {
        var field = ElementOf(type)!;
        var method = new DynamicMethod($"read {type.Name}", typeof(object?[]), [typeof(object)], typeof(InlineArrayConverter).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Unbox, type);
        il.Emit(OpCodes.Ldflda, field);
        il.Emit(OpCodes.Ldc_I4, length);
        il.Emit(OpCodes.Call, Helper(nameof(Read), field.FieldType));
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<object, object?[]>>();
    }

    private static Func<object?[], object> Writer(Type type, int length)
    {
        var field = ElementOf(type)!;
        var method = new DynamicMethod($"write {type.Name}", typeof(object), [typeof(object?[])], typeof(InlineArrayConverter).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        var now = il.DeclareLocal(type);
        il.Emit(OpCodes.Ldloca, now);
        il.Emit(OpCodes.Initobj, type);
        il.Emit(OpCodes.Ldloca, now);
        il.Emit(OpCodes.Ldflda, field);
        il.Emit(OpCodes.Ldc_I4, length);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Call, Helper(nameof(Write), field.FieldType));
        il.Emit(OpCodes.Ldloc, now);
        il.Emit(OpCodes.Box, type);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<object?[], object>>();
    }

    private static MethodInfo Helper(string name, Type element) =>
        typeof(InlineArrayConverter).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(element);
}
