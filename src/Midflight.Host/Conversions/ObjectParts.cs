using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Midflight.Host;

/// <summary>What an object holds that need not be closed, read by reflection: for those who look and do not convert.</summary>
internal static class ObjectParts
{
    private static readonly ConditionalWeakTable<Type, FieldInfo[]> s_fields = [];

    /// <summary>The objects that one holds, each with how a person says where.</summary>
    public static IEnumerable<(string Where, object? Part)> Of(object value) => value switch
    {
        string or Pointer => [],
        Array array => Closed.IsPlace(array.GetType().GetElementType()!) ? [] : array.Cast<object?>().Select((item, at) => ($"[{at}]", item)),
        Delegate call => call.GetInvocationList().Select(part => (".Target", part.Target)),
        Exception exception => Fields(exception).Append((".InnerException", exception.InnerException)).Append((".Data", ExceptionParts.DataOf(exception))),
        Task task => Ended(task),
        WeakReference weak => [(".Target", weak.Target)],
        GCHandle handle => [(".Target", handle.IsAllocated ? handle.Target : null)],
        MemberInfo or ParameterInfo or Assembly or Module => [],
        IEnumerable entries when IsDependent(value.GetType()) => entries.Cast<object?>().Select(entry => ("[…]", entry)),
        _ when WeakRules.TargetOf(value) is { } target => [(".Target", target)],
        _ => Fields(value),
    };

    private static IEnumerable<(string Where, object? Part)> Ended(Task task) => task.IsCompletedSuccessfully
        ? TaskConverter.ResultOf(task) is { } result ? [(".Result", result)] : []
        : task.IsFaulted ? [(".Exception", task.Exception)]
        : [];

    private static bool IsDependent(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ConditionalWeakTable<,>);

    private static IEnumerable<(string Where, object? Part)> Fields(object value)
    {
        foreach (var field in s_fields.GetValue(value.GetType(), static type => [.. (type.IsAssignableTo(typeof(Exception)) ? BelowException(type) : Closed.Fields(type))
            .Where(field => !field.FieldType.IsPointer && !field.FieldType.IsFunctionPointer && !field.FieldType.IsByRefLike && !Closed.IsPlace(field.FieldType))]))
        {
            yield return ($".{Wording.Member(field)}", field.GetValue(value));
        }
    }

    /// <summary>The fields that an exception has besides those of <see cref="Exception"/>.</summary>
    public static IEnumerable<FieldInfo> BelowException(Type type) => Closed.Fields(type).Where(field => field.DeclaringType != typeof(Exception));
}
