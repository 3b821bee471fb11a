using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using Midflight.Host;

namespace Midflight.Histories;

/// <summary>Makes values of types that nobody has written for it, with something in every member where that is possible.</summary>
/// <param name="version">The code version of the types.</param>
/// <param name="depth">How many objects of hot types may hold one another.</param>
internal sealed class Filling(CodeVersion version, int depth)
{
    private static readonly Dictionary<Type, Type> s_implementations = new()
    {
        [typeof(IEnumerable<>)] = typeof(List<>),
        [typeof(ICollection<>)] = typeof(List<>),
        [typeof(IList<>)] = typeof(List<>),
        [typeof(IReadOnlyCollection<>)] = typeof(List<>),
        [typeof(IReadOnlyList<>)] = typeof(List<>),
        [typeof(ISet<>)] = typeof(HashSet<>),
        [typeof(IDictionary<,>)] = typeof(Dictionary<,>),
        [typeof(IReadOnlyDictionary<,>)] = typeof(Dictionary<,>),
        [typeof(IReadOnlySet<>)] = typeof(HashSet<>),
    };

    private int _number = 2;

    /// <summary>A value of a type, or of one that derives from it; null if none can be made.</summary>
    public object? Value(Type type) => Value(type, depth + 1);

    private object? Value(Type type, int left)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Value(underlying, left);
        }

        if (type == typeof(bool))
        {
            return true;
        }

        if (type.IsEnum)
        {
            var values = Enum.GetValues(type);
            return values.Length == 0 ? Activator.CreateInstance(type) : values.GetValue(values.Length - 1);
        }

        if (type == typeof(char) || type.IsPrimitive || type == typeof(decimal))
        {
            return type == typeof(nint) || type == typeof(nuint) ? Activator.CreateInstance(type) : Convert.ChangeType(_number++ % 100, type, System.Globalization.CultureInfo.InvariantCulture);
        }

        if (type == typeof(string) || type == typeof(object))
        {
            return $"text {_number++}";
        }

        if (type.IsArray)
        {
            var array = Array.CreateInstance(type.GetElementType()!, Enumerable.Repeat(1, type.GetArrayRank()).ToArray());
            array.SetValue(Value(type.GetElementType()!, left), new int[type.GetArrayRank()]);
            return array;
        }

        return type.IsPointer || type.IsByRefLike || typeof(Delegate).IsAssignableFrom(type) ? null
            : LoadedTypes.IsHot(type) ? Hot(type, left)
            : type.IsGenericType ? Generic(type, left)
            : Shared(type);
    }

    private object? Hot(Type type, int left)
    {
        if (left == 0 && !type.IsValueType)
        {
            return null;
        }

        if (type.IsAbstract)
        {
            // The first by name that is no further abstract, so that it is the same in each run.
            var heir = version.Assemblies.SelectMany(ChangedTypes.LoadableTypes)
                .Where(heir => !heir.IsAbstract && !heir.IsGenericTypeDefinition && heir.IsAssignableTo(type) && !heir.Name.Contains('<', StringComparison.Ordinal))
                .MinBy(heir => heir.FullName, StringComparer.Ordinal);
            return heir is null ? null : Hot(heir, left);
        }

        var value = NeedsConstructor(type) ? Constructed(type) : Empty(type, left);

        if (value is not null)
        {
            foreach (var field in ChangedTypes.Fields(type).Where(field => !field.FieldType.IsPointer && !field.FieldType.IsByRefLike))
            {
                if (Value(field.FieldType, left - (type.IsValueType ? 0 : 1)) is { } inner)
                {
                    field.SetValue(value, inner);
                }
            }
        }

        return value;
    }

    // A type whose static constructor throws has no values: nothing can be tried with it, nor put into members of it.
    private object? Empty(Type type, int left)
    {
        try
        {
            return RuntimeHelpers.GetUninitializedObject(type);
        }
        catch (TypeInitializationException) when (left <= depth)
        {
            return null;
        }
    }

    // What .NET's own part of an object needs, only its constructor knows.
    private static bool NeedsConstructor(Type type) => LoadedTypes.SharedFields(type).Length > 0;

    private static object? Constructed(Type type)
    {
        try
        {
            return Activator.CreateInstance(type, nonPublic: true);
        }
        // It may throw what it likes.
        catch (Exception)
        {
            return RuntimeHelpers.GetUninitializedObject(type);
        }
    }

    private object? Generic(Type type, int left)
    {
        var definition = type.GetGenericTypeDefinition();
        var arguments = type.GetGenericArguments();

        if (s_implementations.TryGetValue(definition, out var implementation))
        {
            return Generic(implementation.MakeGenericType(arguments), left);
        }

        if (definition == typeof(Task<>))
        {
            return typeof(Task).GetMethod(nameof(Task.FromResult))!.MakeGenericMethod(arguments).Invoke(null, [Value(arguments[0], left)]);
        }

        if (definition.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal) || definition.FullName.StartsWith("System.Tuple`", StringComparison.Ordinal)
            || definition == typeof(KeyValuePair<,>))
        {
            return Activator.CreateInstance(type, [.. arguments.Select(argument => Value(argument, left))]);
        }

        if (definition.Namespace == "System.Collections.Immutable")
        {
            return type.GetField("Empty", BindingFlags.Static | BindingFlags.Public)?.GetValue(null);
        }

        return Shared(type) is { } made ? Filled(made, arguments, left) : null;
    }

    private object Filled(object collection, Type[] arguments, int left)
    {
        var items = arguments.Select(argument => Value(argument, left)).ToArray();

        if (items.Any(item => item is null))
        {
            return collection;
        }

        try
        {
            var add = collection.GetType().GetMethods().FirstOrDefault(method => method.Name is "Add" or "Enqueue" or "Push" or "TryAdd" or "AddLast" && method.GetParameters().Length == items.Length
                && method.GetParameters().Zip(arguments).All(pair => pair.First.ParameterType == pair.Second));
            add?.Invoke(collection, items);
        }
        catch (TargetInvocationException)
        {
            // It stays empty.
        }

        return collection;
    }

    private object? Shared(Type type)
    {
        if (type == typeof(Type))
        {
            return typeof(string);
        }

        if (type == typeof(Stream))
        {
            return new MemoryStream([1, 2]);
        }

        if (type == typeof(IEnumerable) || type == typeof(IList) || type == typeof(ICollection))
        {
            return new List<int> { 1 };
        }

        if (type == typeof(DateTime))
        {
            return new DateTime(2000, 1, 1 + _number++ % 20, 0, 0, 0, DateTimeKind.Utc);
        }

        if (type == typeof(TimeSpan))
        {
            return TimeSpan.FromSeconds(_number++);
        }

        if (type == typeof(Guid))
        {
            return new Guid(_number++, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]);
        }

        if (type == typeof(Uri))
        {
            return new Uri($"http://example.org/{_number++}");
        }

        if (type == typeof(CancellationToken) || type.IsInterface || typeof(Exception).IsAssignableFrom(type) || type == typeof(Thread))
        {
            return typeof(Exception).IsAssignableFrom(type) && !type.IsAbstract ? Constructed(type) : null;
        }

        // Encoding.UTF8, CultureInfo.InvariantCulture: what a type offers of itself.
        return type.IsAbstract || type.GetConstructor([]) is null
            ? type.IsValueType ? Activator.CreateInstance(type) : Offered(type)
            : Constructed(type);
    }

    private static object? Offered(Type type)
    {
        try
        {
            return type.GetProperties(BindingFlags.Static | BindingFlags.Public).FirstOrDefault(property => property.PropertyType == type && property.GetIndexParameters().Length == 0)?.GetValue(null);
        }
        catch (TargetInvocationException)
        {
            return null;
        }
    }
}
