using System.Reflection;

namespace Midflight.Host;

/// <summary>Takes over what stands for code: a <see cref="Type"/>, a method, a field. That of hot code becomes its namesake.</summary>
internal sealed class MemberConverter : Converter
{
    private const BindingFlags All =
        BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public override object Convert(object value, Crossing crossing) => Namesake(value, crossing.Table) ?? throw crossing.Refuse(
        new(Say(value), null, "is gone from the new version or ambiguous there, but is still in use", "Keep it, or hold a name instead."));

    public override bool MayMeetAgain(ConverterTable table, HashSet<Converter> met, bool many) => false;

    /// <summary>The same member in the new version; null if it is gone.</summary>
    public static object? Namesake(object member, ConverterTable table) => member switch
    {
        _ when !table.IsForeign(member) => member,
        Assembly assembly => table.Namesake(assembly),
        Module module => table.Namesake(module.Assembly)?.GetModule(module.Name),
        Type type => table.Map(type),
        MethodInfo method => Methods.Namesake(method, table),
        ConstructorInfo constructor => table.Map(constructor.DeclaringType!)?.GetConstructors(All).SingleOrDefault(other =>
            other.IsStatic == constructor.IsStatic && Methods.Parameters(other).SequenceEqual(Methods.Parameters(constructor).Select(table.Map))),
        PropertyInfo property => table.Map(property.DeclaringType!)?.GetProperties(All).SingleOrDefault(other =>
            other.Name == property.Name && other.GetIndexParameters().Select(parameter => parameter.ParameterType)
                .SequenceEqual(property.GetIndexParameters().Select(parameter => table.Map(parameter.ParameterType)))),
        FieldInfo field => table.Map(field.DeclaringType!)?.GetField(field.Name, All),
        EventInfo happening => table.Map(happening.DeclaringType!)?.GetEvent(happening.Name, All),
        ParameterInfo { Member: MethodBase method } parameter => (Namesake(method, table) as MethodBase)?.GetParameters().ElementAtOrDefault(parameter.Position),
        _ => null,
    };

    private static string Say(object member) => member switch
    {
        Type type => LoadedTypes.Say(type),
        MemberInfo { DeclaringType: { } type, Name: var name } => $"{LoadedTypes.Say(type)}.{name}",
        _ => member.ToString()!,
    };
}

/// <summary>Finds methods of the old version in the new one.</summary>
internal static class Methods
{
    private const BindingFlags All =
        BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>The method of the same name and parameters; of generic ones that whose parameters read the same. Null if there is none, or more than one.</summary>
    public static MethodInfo? Namesake(MethodInfo method, ConverterTable table)
    {
        if (method.DeclaringType is not { } declaring || !table.IsForeign(method))
        {
            return method;
        }

        if (table.Map(declaring) is not { } type)
        {
            return null;
        }

        var wanted = Parameters(method).Select(table.Map).ToArray();
        var returned = table.Map(method.ReturnType);
        var arguments = method.IsGenericMethod ? Array.ConvertAll(method.GetGenericArguments(), table.Map) : [];

        if (returned is null || Array.Exists(wanted, parameter => parameter is null) || Array.Exists(arguments, argument => argument is null))
        {
            return null;
        }

        var closed = type.GetMethods(All)
            .Where(other => other.Name == method.Name && other.IsStatic == method.IsStatic && other.GetGenericArguments().Length == method.GetGenericArguments().Length)
            .Select(other => (Open: other, Closed: Close(other, arguments!)))
            .Where(other => other.Closed is not null && other.Closed.ReturnType == returned && Parameters(other.Closed).SequenceEqual(wanted))
            .ToList();

        // F<T>(T) and F<T>(int) are one for T = int, but were not when they were written.
        return closed.Count > 1
            ? closed.Where(other => Form(other.Open).SequenceEqual(Form(method.IsGenericMethod ? method.GetGenericMethodDefinition() : method))).ToList() is [var only] ? only.Closed : null
            : closed is [var one] ? one.Closed : null;
    }

    public static IEnumerable<Type> Parameters(MethodBase method) => method.GetParameters().Select(parameter => parameter.ParameterType);

    private static MethodInfo? Close(MethodInfo method, Type[] arguments)
    {
        try
        {
            return method.IsGenericMethodDefinition ? method.MakeGenericMethod(arguments) : method;
        }
        // A constraint has come.
        catch (ArgumentException)
        {
            return null;
        }
    }

    // The parameters as they are written, whatever type parameters are called.
    private static IEnumerable<string> Form(MethodInfo method) => method.GetParameters().Select(parameter => Form(parameter.ParameterType));

    private static string Form(Type type) => type switch
    {
        { IsGenericMethodParameter: true } => $"!!{type.GenericParameterPosition}",
        { IsGenericTypeParameter: true } => $"!{type.GenericParameterPosition}",
        { HasElementType: true } => $"{Form(type.GetElementType()!)}{type.Name[(type.GetElementType()!.Name.Length)..]}",
        { IsGenericType: true } => $"{LoadedTypes.DefinitionName(type)}<{string.Join(",", type.GetGenericArguments().Select(Form))}>",
        _ => type.FullName ?? type.Name,
    };
}
