using System.Reflection;
using System.Runtime.CompilerServices;

namespace Midflight.Host;

/// <summary>Proves of closed types that values of them never change, so that code which may change what it is given needs no copy of them.</summary>
internal static class Unchanging
{
    private static readonly ConditionalWeakTable<Type, object> s_values = [];
    private static readonly object s_yes = true;
    private static readonly object s_no = false;

    /// <summary>Whether whatever stands in a place of this type, which is closed, never changes.</summary>
    public static bool IsPlace(Type type) => type.IsValueType
        ? Closed.Fields(type).All(field => field.FieldType == type || field.FieldType.IsPrimitive || field.FieldType.IsPointer || IsPlace(field.FieldType))
        : type.IsSealed && Value(type);

    /// <summary>Whether what is of just this type, which is closed, never changes; or cannot be copied anyway.</summary>
    public static bool Value(Type exact) => s_values.GetValue(exact, static exact => Prove(exact) ? s_yes : s_no) == s_yes;

    private static bool Prove(Type exact)
    {
        if (exact == typeof(string) || exact.IsPrimitive || exact.IsEnum || Live.Is(exact) || exact.IsAssignableTo(typeof(MemberInfo)) || exact == typeof(object))
        {
            return true;
        }

        if (exact.IsArray)
        {
            return false;
        }

        if (exact.IsValueType)
        {
            return IsPlace(exact);
        }

        return SharedConverters.RowOf(exact) is var (rule, _)
            ? rule.FullName.StartsWith("System.Collections.Immutable.", StringComparison.Ordinal) && !rule.FullName.EndsWith("+Builder", StringComparison.Ordinal)
                && exact.GetGenericArguments().All(IsPlace)
            // There is no way to copy it.
            : true;
    }
}
