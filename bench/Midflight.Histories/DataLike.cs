using Midflight.Host;

namespace Midflight.Histories;

/// <summary>Says which types hold data only: numbers, texts, times, enums, collections of such, and hot types made of them.</summary>
internal static class DataLike
{
    private static readonly HashSet<Type> s_data =
    [
        typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan), typeof(Guid), typeof(Uri), typeof(Version),
        typeof(System.Net.IPAddress), typeof(System.Text.StringBuilder), typeof(System.Globalization.CultureInfo), typeof(System.Text.Encoding), typeof(TimeZoneInfo), typeof(Type),
        typeof(StringComparer), typeof(System.Text.RegularExpressions.Regex), typeof(System.Collections.BitArray), typeof(object),
    ];

    /// <summary>Whether a type holds data only.</summary>
    public static bool Is(Type type) => Is(type, []);

    private static bool Is(Type type, HashSet<Type> under)
    {
        if (type.IsPrimitive || type.IsEnum || s_data.Contains(type) || type.IsGenericParameter || !under.Add(type))
        {
            return true;
        }

        if (type.IsPointer || typeof(Delegate).IsAssignableFrom(type))
        {
            return false;
        }

        if (type.HasElementType)
        {
            return Is(type.GetElementType()!, under);
        }

        if (type.IsGenericType && !LoadedTypes.IsHot(type))
        {
            var name = type.Namespace ?? "";
            return (name.StartsWith("System.Collections", StringComparison.Ordinal) || Nullable.GetUnderlyingType(type) is not null || type.Name.StartsWith("ValueTuple", StringComparison.Ordinal)
                || type.Name.StartsWith("Tuple", StringComparison.Ordinal) || type.Name.StartsWith("ReadOnlyMemory", StringComparison.Ordinal) || type.Name.StartsWith("Memory", StringComparison.Ordinal)
                || type.Name.StartsWith("IEqualityComparer", StringComparison.Ordinal)) && type.GetGenericArguments().All(argument => Is(argument, under));
        }

        // An interface may be anything; a shared type that is not in the list is something that works.
        return LoadedTypes.IsHot(type) && !type.IsInterface && !typeof(IDisposable).IsAssignableFrom(type) && ChangedTypes.Fields(type).All(field => Is(field.FieldType, under));
    }
}
