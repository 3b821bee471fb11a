using System.Reflection;
using System.Runtime.CompilerServices;

namespace Midflight.Host;

/// <summary>
/// Takes over values of an application that has not changed, but whose members may hold something of one that has: an
/// envelope that old code has filled. Where there is nothing of the kind the value itself passes.
/// </summary>
internal sealed class ForeignConverter(Type type) : Converter
{
    private static readonly ConditionalWeakTable<Type, FieldInfo[]> s_fields = [];

    private readonly ShapeConverter _copy = new(type, type, table => FieldPlan.OfSame(type, table));

    public override object? Convert(object value, Crossing crossing) =>
        crossing.Table.MayMeetForeign && Holds(value, crossing.Table) ? _copy.Convert(value, crossing) : value;

    // By reflection, and only while two versions of something are loaded.
    private static bool Holds(object root, ConverterTable table)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance) { root };
        var open = new Stack<object>(seen);

        while (open.TryPop(out var at))
        {
            if (table.Map(at.GetType()) != at.GetType())
            {
                return true;
            }

            foreach (var part in Parts(at))
            {
                if (part is not null && (part is ValueType || seen.Add(part)))
                {
                    open.Push(part);
                }
            }
        }

        return false;
    }

    private static IEnumerable<object?> Parts(object value)
    {
        var type = value.GetType();

        return value switch
        {
            Array array when ConverterTable.CanHold(type.GetElementType()!) => array.Cast<object?>(),
            Delegate call => [call.Target],
            _ when LoadedTypes.IsHot(type) || FieldPlan.IsTuple(type) || type.Namespace?.StartsWith("System.Collections", StringComparison.Ordinal) == true =>
                s_fields.GetValue(type, Fields).Select(field => field.GetValue(value)),
            _ => [],
        };
    }

    private static FieldInfo[] Fields(Type type) => [.. FieldPlan.AllFields(type)
        .Where(field => !field.FieldType.IsPointer && !field.FieldType.IsPrimitive && (ConverterTable.CanHold(field.FieldType) || field.FieldType.IsValueType))];
}
