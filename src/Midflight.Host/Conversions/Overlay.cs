using System.Reflection;
using System.Runtime.InteropServices;

namespace Midflight.Host;

/// <summary>Structs whose members lie over one another, so that to set one is to set another.</summary>
internal static class Overlay
{
    /// <summary>Whether members lie over one another in one of two types and not in just the same way in the other.</summary>
    public static bool HasChanged(Type from, Type to) => (Is(from) || Is(to)) && !Layout(from).SequenceEqual(Layout(to));

    private static bool Is(Type type)
    {
        var fields = Fields(type).OrderBy(field => field.Offset).ToList();
        return fields.Zip(fields.Skip(1)).Any(pair => pair.First.Offset + SizeOf(pair.First.Field.FieldType) > pair.Second.Offset);
    }

    private static IEnumerable<(int Offset, string Name, string Type)> Layout(Type type) =>
        Fields(type).Select(field => (field.Offset, field.Field.Name, LoadedTypes.Say(field.Field.FieldType))).Order();

    private static IEnumerable<(FieldInfo Field, int Offset)> Fields(Type type) => type.IsExplicitLayout
        ? Closed.Fields(type).Select(field => (field, field.GetCustomAttribute<FieldOffsetAttribute>()?.Value ?? 0))
        : [];

    private static int SizeOf(Type type) => type == typeof(bool) ? 1
        : type == typeof(char) ? 2
        : type.IsEnum ? SizeOf(Enum.GetUnderlyingType(type))
        : !type.IsValueType ? IntPtr.Size
        : type.IsPrimitive || type == typeof(decimal) ? Marshal.SizeOf(type)
        : Math.Max(1, Closed.Fields(type).Sum(field => SizeOf(field.FieldType)));
}
