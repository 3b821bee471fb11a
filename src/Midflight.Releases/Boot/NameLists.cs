namespace Midflight.Releases;

/// <summary>Lists of names in which a name may stand twice, and stands in one place.</summary>
internal static class NameLists
{
    /// <summary>The names without the first of each that the other list has, as often as it has it.</summary>
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
