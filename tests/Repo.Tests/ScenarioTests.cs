using System.Globalization;
using System.Text.RegularExpressions;

namespace Repo.Tests;

/// <summary>What OTP was seen to do is a test here, or has a reason not to be.</summary>
public sealed partial class ScenarioTests
{
    private static readonly Dictionary<int, string> s_titles = Numbered().Matches(Repository.Read("tests/Scenarios/titles.txt")).ToDictionary(match => Number(match), match => Title(match));

    private static readonly List<Match> s_tests =
        [.. Repository.Files("*.cs").Where(file => file.StartsWith("tests/", StringComparison.Ordinal)).SelectMany(file => Tested().Matches(Repository.Read(file)))];

    private static readonly List<Match> s_without = [.. Listed().Matches(Repository.Read("docs/semantics.md")).Cast<Match>()];

    [Fact]
    public void A_scenario_is_named_by_its_number_and_its_title() => Assert.All(
        s_tests.Concat(s_without),
        match => Assert.Equal(s_titles.GetValueOrDefault(Number(match)), Title(match)));

    [Fact]
    public void A_scenario_is_a_test_or_has_no_meaning_here_but_not_both() => Assert.Empty(s_tests.Select(Number).Intersect(s_without.Select(Number)));

    [Fact]
    public void Every_scenario_of_releases_is_a_test_or_has_no_meaning_here() =>
        Assert.Empty(Enumerable.Range(54, 83).Except(s_tests.Concat(s_without).Select(Number)).Select(number => $"{number}. {s_titles[number]}"));

    private static int Number(Match match) => int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);

    private static string Title(Match match) => match.Groups["title"].Value;

    [GeneratedRegex(@"^(?<number>\d+)\. (?<title>.+)$", RegexOptions.Multiline)]
    private static partial Regex Numbered();

    [GeneratedRegex(@"\[Scenario\((?<number>\d+), ""(?<title>.+?)""\)\]")]
    private static partial Regex Tested();

    // A row of the table "Without a meaning here".
    [GeneratedRegex(@"^\| (?<number>\d+)\. (?<title>.+?) \| .+ \|$", RegexOptions.Multiline)]
    private static partial Regex Listed();
}
