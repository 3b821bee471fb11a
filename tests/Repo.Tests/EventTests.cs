using System.Globalization;
using System.Text.RegularExpressions;

namespace Repo.Tests;

/// <summary>Each event of the log has a number of its own, which <c>docs/operate.md</c> lists.</summary>
public sealed partial class EventTests
{
    private static readonly (int Number, string Name)[] s_events =
    [
        .. Repository.Files("*.cs").Where(file => file.StartsWith("src/", StringComparison.Ordinal))
            .SelectMany(file => Message().Matches(Repository.Read(file)))
            .Select(match => (
                Number().Match(match.Value) is { Success: true } number ? int.Parse(number.Groups[1].Value, CultureInfo.InvariantCulture) : 0,
                Name().Match(match.Value).Groups[1].Value)),
    ];

    [Fact]
    public void An_event_has_a_number_and_a_name_of_its_own()
    {
        Assert.All(s_events, one => Assert.True(one is { Number: > 0, Name: not "" }, $"{one}: give it an EventId and an EventName."));
        Assert.Empty(s_events.GroupBy(one => one.Number).Where(group => group.Count() > 1).Select(group => string.Join(" and ", group)));
        Assert.Empty(s_events.GroupBy(one => one.Name).Where(group => group.Count() > 1).Select(group => string.Join(" and ", group)));
    }

    [Fact]
    public void The_list_of_events_is_whole() => Assert.Equal(
        s_events.Order().Select(one => $"{one.Number} {one.Name}"),
        Row().Matches(Repository.Read("docs/operate.md").Split("<!-- events -->")[1]).Select(match => $"{match.Groups[1]} {match.Groups[2]}"));

    [GeneratedRegex(@"\[LoggerMessage\([^\]]*?\)\]")]
    private static partial Regex Message();

    [GeneratedRegex(@"EventId = (\d+)")]
    private static partial Regex Number();

    [GeneratedRegex("EventName = \"(\\w+)\"")]
    private static partial Regex Name();

    [GeneratedRegex(@"^\| (\d+) \| (\w+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
