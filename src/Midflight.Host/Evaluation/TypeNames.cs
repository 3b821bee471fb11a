namespace Midflight.Host.Evaluation;

/// <summary>Writes type names as in C#, without namespaces.</summary>
internal static class TypeNames
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(char)] = "char",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
        [typeof(void)] = "void",
    };

    internal static string Of(Type type)
    {
        if (Keywords.TryGetValue(type, out var keyword))
        {
            return keyword;
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Of(underlying) + "?";
        }

        if (type.IsArray)
        {
            return $"{Of(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        }

        // A nested generic type also has the type arguments of its enclosing types.
        var arguments = type.GetGenericArguments();
        return type.IsGenericParameter ? type.Name : Qualified(type, arguments, arguments.Length);
    }

    private static string Qualified(Type type, Type[] arguments, int count)
    {
        var around = type.DeclaringType;
        var outer = around?.GetGenericArguments().Length ?? 0;
        var name = type.Name.Split('`')[0];

        if (count > outer)
        {
            name += $"<{string.Join(", ", arguments[outer..count].Select(argument => argument.IsGenericParameter ? "" : Of(argument)))}>";
        }

        // Types typed in a shell are nested in a type that the user does not know.
        return around is null || around.Name.StartsWith(ShellNames.SubmissionPrefix, StringComparison.Ordinal)
            ? name
            : $"{Qualified(around, arguments, outer)}.{name}";
    }
}
