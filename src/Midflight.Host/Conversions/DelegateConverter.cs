using System.Reflection;
using System.Runtime.CompilerServices;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Binds delegates to the methods of the same names in the new version.</summary>
internal sealed class DelegateConverter(Type from) : DeepConverter
{
    protected override object? Take(object value, Crossing crossing)
    {
        var old = (Delegate)value;
        var type = crossing.Table.Map(from) ?? throw crossing.Refuse(new(
            LoadedTypes.Say(from), null, "is gone from the new version, but a delegate of it is still in use", "Keep the type."));
        var parts = old.GetInvocationList();
        var converted = Array.ConvertAll(parts, part => Single(part, type, crossing));
        var result = type == from && parts.SequenceEqual(converted, ReferenceEqualityComparer.Instance) ? old : Delegate.Combine(converted)!;
        crossing.Became(value, result);
        return result;
    }

    private static Delegate Single(Delegate old, Type type, Crossing crossing)
    {
        var method = old.Method;

        if (crossing.Table.IsForeign(method) && IsGenerated(method))
        {
            throw crossing.Refuse(Lambda(method));
        }

        var target = crossing.Part(nameof(Delegate.Target), old.Target);
        var now = Methods.Namesake(method, crossing.Table) ?? throw crossing.Refuse(Gone(method));

        if (type == old.GetType() && target == old.Target && now == method)
        {
            return old;
        }

        return Delegate.CreateDelegate(type, target, now, throwOnBindFailure: false) ?? throw crossing.Refuse(Gone(method));
    }

    private static bool IsGenerated(MethodInfo method) =>
        method.Name.StartsWith('<') || method.DeclaringType!.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    private static ConversionRefusal Lambda(MethodInfo method)
    {
        var type = method.DeclaringType!;
        var name = method.Name.IndexOf('>', StringComparison.Ordinal) is > 1 and var end ? method.Name[1..end] : method.Name;

        while (type.Name.StartsWith('<') && type.DeclaringType is not null)
        {
            type = type.DeclaringType;
        }

        return new("delegate", null, $"holds a lambda of {LoadedTypes.Say(type)}.{name}, which has no name to find it by in the new version", "Use a named method instead.");
    }

    private static ConversionRefusal Gone(MethodInfo method) => new(
        $"{LoadedTypes.Say(method.DeclaringType!)}.{method.Name}", null, "is gone from the new version or has other parameters, but a delegate to it is still in use", "Keep the method.");
}
