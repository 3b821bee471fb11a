using System.Reflection;
using System.Runtime.CompilerServices;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Binds delegates to the methods of the same names in the new version.</summary>
internal sealed class DelegateConverter(Type from) : Converter
{
    private const BindingFlags All =
        BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public override object? Convert(object value, Crossing crossing)
    {
        if (crossing.Seen(value) is { } seen)
        {
            return seen;
        }

        var old = (Delegate)value;
        var type = crossing.Table.Map(from) ?? throw crossing.Refuse(new(
            LoadedTypes.Say(from), null, "is gone from the new version, and a delegate of it is still held", "Keep the type."));
        var parts = old.GetInvocationList();
        var converted = Array.ConvertAll(parts, part => Single(part, type, crossing));
        var result = type == from && parts.SequenceEqual(converted, ReferenceEqualityComparer.Instance) ? old : Delegate.Combine(converted)!;
        crossing.Became(value, result);
        return result;
    }

    private static Delegate Single(Delegate old, Type type, Crossing crossing)
    {
        var method = old.Method;
        var isHot = LoadedTypes.MentionsHot(method.DeclaringType ?? typeof(object));

        if (isHot && IsGenerated(method))
        {
            throw crossing.Refuse(Lambda(method));
        }

        var target = crossing.Any(old.Target);
        var now = isHot ? Namesake(method, crossing.Table) ?? throw crossing.Refuse(Gone(method)) : method;
        return type == old.GetType() && target == old.Target && now == method ? old : Delegate.CreateDelegate(type, target, now);
    }

    private static bool IsGenerated(MethodInfo method) =>
        method.Name.StartsWith('<') || method.DeclaringType!.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    private static MethodInfo? Namesake(MethodInfo method, ConverterTable table)
    {
        var type = table.Map(method.DeclaringType!);
        var parameters = Array.ConvertAll(method.GetParameters(), parameter => table.Map(parameter.ParameterType));
        var found = type?.GetMethods(All).FirstOrDefault(candidate => candidate.Name == method.Name && candidate.IsStatic == method.IsStatic
            && candidate.GetGenericArguments().Length == method.GetGenericArguments().Length
            && (candidate.IsGenericMethod || candidate.GetParameters().Select(parameter => parameter.ParameterType).SequenceEqual(parameters)));
        return found is { IsGenericMethod: true } && Array.ConvertAll(method.GetGenericArguments(), table.Map) is var arguments
            ? Array.Exists(arguments, argument => argument is null) ? null : found.MakeGenericMethod(arguments!)
            : found;
    }

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
        $"{LoadedTypes.Say(method.DeclaringType!)}.{method.Name}", null, "is gone from the new version or has other parameters, and a delegate to it is still held", "Keep the method.");
}

/// <summary>Takes a <see cref="Type"/> over: a hot one becomes its namesake.</summary>
internal sealed class TypeConverter : Converter
{
    public override object Convert(object value, Crossing crossing) => crossing.Table.Map((Type)value) ?? throw crossing.Refuse(
        new(LoadedTypes.Say((Type)value), null, "is gone from the new version and still held as a Type", "Keep the type."));

    public override bool MayMeetAgain(ConverterTable table, HashSet<Converter> met, bool many) => false;
}
