using System.Globalization;
using System.Reflection;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Midflight;

/// <summary>Proves that no value of a type can contain anything of hot code, at any depth, so that it may pass as it is.</summary>
/// <remarks>
/// The proof uses the fields of the loaded types, including private ones and those of base types:
/// <code>
/// a value is closed  if all places in it are
/// a place is closed  if its type is sealed or a value type, not hot, and values of it are closed
/// </code>
/// Types that contain one another are closed if nothing reachable from them is open. Types listed in <see cref="Live"/> are never looked through.
/// </remarks>
internal static class Closed
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    // By type, weakly: a type may mention a type of hot code, which must be collectible.
    private static readonly ConditionalWeakTable<Type, object> s_values = [];
    private static readonly ConditionalWeakTable<Type, object> s_places = [];
    private static readonly object s_yes = true;
    private static readonly object s_no = false;

    /// <summary>Whether a value of exactly this type is closed.</summary>
    internal static bool Value(Type exact) => s_values.GetValue(exact, static exact => Prove(exact) ? s_yes : s_no) == s_yes;

    /// <summary>Whether any value in a place of this type is closed.</summary>
    internal static bool IsPlace(Type type) => s_places.GetValue(type, static type => (Ends(type) ?? (IsExact(type) && Value(type))) ? s_yes : s_no) == s_yes;

    /// <summary><see cref="IsPlace"/>, looked up once for each type.</summary>
    internal static class Place<T>
    {
        internal static readonly bool Is = IsPlace(typeof(T));
    }

    /// <summary>Every instance field of a type, including those of base types.</summary>
    internal static IEnumerable<FieldInfo> Fields(Type type)
    {
        for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
        {
            foreach (var field in at.GetFields(Own))
            {
                yield return field;
            }
        }
    }

    // Types that need no look inside.
    private static bool? Ends(Type type) =>
        type.IsPrimitive || type.IsPointer || type.IsFunctionPointer || type == typeof(string) || type == typeof(decimal) ? true
        : CodeVersion.Of(type) is not null ? false
        : type.IsEnum ? true
        : type.IsAssignableTo(typeof(Delegate)) || type.IsAssignableTo(typeof(MemberInfo)) || type.IsAssignableTo(typeof(Assembly)) || type.IsAssignableTo(typeof(Module)) ? false
        : IsHandle(type) ? false
        : Live.Is(type) && IsExact(type) ? !Live.CallsBack(type)
        : null;

    // What they refer to is not a field.
    private static bool IsHandle(Type type) =>
        type == typeof(Thread) || type == typeof(WeakReference) || type == typeof(GCHandle) || type == typeof(DependentHandle)
        || (type.IsGenericType && type.GetGenericTypeDefinition() is var open && (open == typeof(WeakReference<>) || open == typeof(ConditionalWeakTable<,>)));

    // Large, common and known. Types derived from them do not count.
    private static bool IsCulture(Type type) => type.Assembly == typeof(object).Assembly
        && (type.IsAssignableTo(typeof(StringComparer)) || type == typeof(CultureInfo) || type == typeof(CompareInfo) || type == typeof(TextInfo)
            || type == typeof(TimeZoneInfo) || type.IsAssignableTo(typeof(Encoding)) || type == typeof(NumberFormatInfo) || type == typeof(DateTimeFormatInfo));

    private static bool IsExact(Type type) => type.IsArray ? IsExact(type.GetElementType()!) : type.IsSealed || type.IsValueType;

    private static bool Prove(Type exact)
    {
        if (Ends(exact) is { } known)
        {
            return known;
        }

        if (IsCulture(exact))
        {
            return true;
        }

        if (Live.Is(exact))
        {
            return !Live.CallsBack(exact);
        }

        var met = new HashSet<Type> { exact };
        var open = new Stack<Type>(met);

        while (open.TryPop(out var at))
        {
            foreach (var place in at.IsArray ? [at.GetElementType()!] : Fields(at).Select(field => field.FieldType))
            {
                switch (Ends(place))
                {
                    case true:
                        break;
                    case false:
                    case null when !IsExact(place):
                        return false;
                    default:
                        if (met.Add(place))
                        {
                            open.Push(place);
                        }

                        break;
                }
            }
        }

        return true;
    }
}
