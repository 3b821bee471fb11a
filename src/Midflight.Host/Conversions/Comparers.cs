using System.Reflection;

namespace Midflight.Host;

/// <summary>The comparers that the BCL makes for a type when none is given.</summary>
internal static class Comparers
{
    /// <summary>The default comparer of the new version for the default comparer of an old type; null if the type is no such comparer.</summary>
    public static object? DefaultOf(Type comparer, ConverterTable table)
    {
        if (LoadedTypes.IsHot(comparer) || !LoadedTypes.MentionsHot(comparer))
        {
            return null;
        }

        for (var at = comparer.BaseType; at is not null; at = at.BaseType)
        {
            if (at.IsGenericType && at.GetGenericTypeDefinition() is var definition
                && (definition == typeof(EqualityComparer<>) || definition == typeof(Comparer<>))
                && Default(at)?.GetType() == comparer && table.Map(at) is { } now)
            {
                return Default(now);
            }
        }

        return null;
    }

    private static object? Default(Type comparer) =>
        comparer.GetProperty("Default", BindingFlags.Public | BindingFlags.Static)!.GetValue(null);
}
