namespace Midflight.Releases;

/// <summary>Lists of names in which a name may occur twice, and that keep their order.</summary>
internal static class NameLists
{
    /// <summary>The names without the first occurrence of each name in the other list, as often as the other list has it.</summary>
    public static List<string> Without(this IEnumerable<string> names, IEnumerable<string> others)
    {
        List<string> left = [.. names];
        foreach (var other in others)
        {
            left.Remove(other);
        }

        return left;
    }
}
