namespace Midflight.Cases;

/// <summary>Random families of types, whose right answer the new version itself knows, there and back. A seed that fails is printed as a case.</summary>
public sealed class FamilyTests
{
    [Fact]
    public void A_hundred_random_families_of_types_convert_there_and_back() => Try(100);

    [Fact]
    [Trait("Category", "Soak")]
    public void Ten_thousand_do() => Try(10_000);

    // The seeds are the same in each run, so that a failure is one in the next as well.
    private static void Try(int count) => Assert.Empty(FamilyReport.Wrong(1, count));
}
