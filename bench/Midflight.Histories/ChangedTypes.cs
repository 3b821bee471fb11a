using System.Reflection;
using Midflight.Host;

namespace Midflight.Histories;

/// <summary>The types whose members differ between two versions.</summary>
internal static class ChangedTypes
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Full names of the types that both versions have and that hold something, where fields or the names of an enum are not the same.</summary>
    public static IReadOnlyList<string> Of(StepVersions versions) =>
    [
        .. versions.Measured.SelectMany(LoadableTypes).Where(CanBeState).Where(type => versions.NowOf(type) is { } now && Differ(type, now)).Select(type => type.FullName!).Order(StringComparer.Ordinal),
    ];

    /// <summary>The instance fields of a type and its ancestors that are hot.</summary>
    public static IEnumerable<FieldInfo> Fields(Type type)
    {
        for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
        {
            if (LoadedTypes.IsHot(at.IsGenericType ? at.GetGenericTypeDefinition() : at))
            {
                foreach (var field in at.GetFields(Own))
                {
                    yield return field;
                }
            }
        }
    }

    // Types that the compiler makes are no state: they have names which nobody can write.
    private static bool CanBeState(Type type) =>
        !type.FullName!.Contains('<', StringComparison.Ordinal) && !type.IsInterface && !(type.IsAbstract && type.IsSealed) && !typeof(Delegate).IsAssignableFrom(type);

    /// <summary>The types of an assembly that the runtime loads.</summary>
    public static IEnumerable<Type> LoadableTypes(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException exception)
        {
            return exception.Types.OfType<Type>();
        }
    }

    private static bool Differ(Type old, Type now)
    {
        try
        {
            return old.IsEnum
                ? now.IsEnum && !Names(old).SequenceEqual(Names(now))
                : !now.IsEnum && !now.IsInterface && !Members(old).SequenceEqual(Members(now));
        }
        // A type of a member is of an assembly that neither has.
        catch (Exception exception) when (exception is TypeLoadException or MissingMemberException or IOException)
        {
            return false;
        }
    }

    private static IEnumerable<string> Names(Type type) => type.GetFields(BindingFlags.Static | BindingFlags.Public)
        .Select(field => $"{field.Name} {field.GetRawConstantValue()}").Order(StringComparer.Ordinal);

    private static IEnumerable<string> Members(Type type) => type.GetFields(Own).Select(field => $"{field.Name} {field.FieldType}").Order(StringComparer.Ordinal);
}
