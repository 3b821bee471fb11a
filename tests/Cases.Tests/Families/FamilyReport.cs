namespace Midflight.Cases;

/// <summary>Tries families of many seeds, and prints those that are wrong as cases.</summary>
internal static class FamilyReport
{
    private const int Batch = 50;

    /// <summary>Prints each wrong one, and the line that counts.</summary>
    /// <returns>1 where something is wrong, else 0.</returns>
    public static int Print(int first, int count)
    {
        var wrong = 0;

        foreach (var text in Wrong(first, count))
        {
            Console.WriteLine(text);
            wrong++;
        }

        Console.WriteLine($"families: {count - wrong} of {count} right, {wrong} wrong");
        return wrong == 0 ? 0 : 1;
    }

    /// <summary>What went wrong with each family from one of a seed on.</summary>
    public static IEnumerable<string> Wrong(int first, int count) => Enumerable.Range(first, count).Chunk(Batch).SelectMany(FamilyRun.Of);
}
