namespace Midflight.Histories;

/// <summary>Closes generic types, so that they can have values.</summary>
internal static class Closed
{
    private static readonly Type[] s_arguments = [typeof(string), typeof(int), typeof(object), typeof(List<int>), typeof(EventArgs), typeof(MemoryStream), typeof(DayOfWeek)];

    /// <summary>Both types, with the same arguments where they are generic; null if none fit both.</summary>
    public static (Type Old, Type Now)? Pair(Type old, Type now)
    {
        if (!old.IsGenericTypeDefinition && !now.IsGenericTypeDefinition)
        {
            return (old, now);
        }

        if (old.GetGenericArguments().Length != now.GetGenericArguments().Length)
        {
            return null;
        }

        foreach (var argument in s_arguments)
        {
            var arguments = Enumerable.Repeat(argument, old.GetGenericArguments().Length).ToArray();

            try
            {
                return (old.MakeGenericType(arguments), now.MakeGenericType(arguments));
            }
            catch (ArgumentException)
            {
                // It does not satisfy a constraint; the next one may.
            }
        }

        return null;
    }
}
