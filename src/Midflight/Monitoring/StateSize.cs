using System.Reflection;
using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>Estimates how many bytes a state takes, with everything that it refers to.</summary>
/// <remarks>
/// Reads fields by reflection, possibly while the process runs: what changes meanwhile is counted as found. Objects that lead out of the
/// state, such as pids, types and threads, count nothing. An object that two processes share counts for both.
/// </remarks>
internal static class StateSize
{
    // Enough for an order of magnitude, and quick.
    private const int MostObjects = 10_000;
    private const int Header = 16;

    // Weak, so that a type of old code is not kept in memory.
    private static readonly ConditionalWeakTable<Type, Layout> s_layouts = [];

    /// <summary>Bytes of the first 10,000 objects that are found.</summary>
    internal static long Of(object? state)
    {
        if (state is null)
        {
            return 0;
        }

        var bytes = 0L;
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance) { state };
        var waiting = new Stack<object>([state]);

        while (waiting.TryPop(out var next))
        {
            bytes += Shallow(next, Found);
        }

        return bytes;

        void Found(object member)
        {
            if (seen.Count < MostObjects && member is not (Cell or Node or MemberInfo or Assembly or Thread or Delegate or Task or CodeVersion) && seen.Add(member))
            {
                waiting.Push(member);
            }
        }
    }

    private static long Shallow(object value, Action<object> found)
    {
        switch (value)
        {
            case string text:
                return Header + 6 + (2L * text.Length);
            case Array array:
                var element = array.GetType().GetElementType()!;
                var layout = LayoutOf(element);

                if (element.IsValueType ? layout.References.Length > 0 : true)
                {
                    foreach (var item in array)
                    {
                        Visit(item, element.IsValueType ? layout : null, found);
                    }
                }

                return Header + 8 + ((long)array.Length * (element.IsValueType ? layout.Bytes : IntPtr.Size));
            default:
                var own = LayoutOf(value.GetType());
                Visit(value, own, found);
                return Header + own.Bytes;
        }
    }

    // An object itself, or what the fields of a struct refer to.
    private static void Visit(object? value, Layout? structure, Action<object> found)
    {
        if (value is null)
        {
            return;
        }

        if (structure is null)
        {
            found(value);
            return;
        }

        foreach (var field in structure.References)
        {
            Visit(field.GetValue(value), field.FieldType.IsValueType ? LayoutOf(field.FieldType) : null, found);
        }
    }

    private static Layout LayoutOf(Type type) => s_layouts.GetValue(type, static type =>
    {
        if (type.IsPrimitive || type.IsEnum || type.IsPointer)
        {
            return new(Primitive(type), []);
        }

        var bytes = 0;
        var references = new List<FieldInfo>();

        for (var at = type; at is not null; at = at.BaseType)
        {
            foreach (var field in at.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                var inner = field.FieldType.IsValueType ? LayoutOf(field.FieldType) : null;
                bytes += inner?.Bytes ?? IntPtr.Size;

                if ((inner is null || inner.References.Length > 0) && !field.FieldType.IsPointer)
                {
                    references.Add(field);
                }
            }
        }

        return new(bytes, [.. references]);
    });

    private static int Primitive(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean or TypeCode.Byte or TypeCode.SByte => 1,
        TypeCode.Char or TypeCode.Int16 or TypeCode.UInt16 => 2,
        TypeCode.Int32 or TypeCode.UInt32 or TypeCode.Single => 4,
        _ => 8,
    };

    private sealed record Layout(int Bytes, FieldInfo[] References);
}
