using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace Midflight.Analyzers.Tests;

/// <summary>Each rule has a page, and what the page shows is what the rule does.</summary>
public sealed partial class PageTests
{
    private static readonly string s_root = Root(AppContext.BaseDirectory);

    private static readonly string[] s_examples = ["samples", "src/Midflight.Templates/content"];

    public static TheoryData<string> Numbers => [.. Analysis.AllRules.Select(rule => rule.Id).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public async Task What_the_page_calls_bad_is_reported_by_its_rule_alone(string rule)
    {
        var said = await Analysis.Of(Example(rule, "Bad"));
        Assert.NotEmpty(said);
        Assert.All(said, text => Assert.StartsWith($"{rule} ", text, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public async Task What_the_page_calls_good_is_passed_in_silence(string rule) => Assert.Empty(await Analysis.Of(Example(rule, "Good")));

    [Theory]
    [MemberData(nameof(Numbers))]
    public void The_page_has_the_title_of_its_rule_and_a_line_in_the_list(string rule)
    {
        Assert.Equal($"# {rule}: {Analysis.AllRules.First(known => known.Id == rule).Title}", Page(rule).Split('\n')[0]);
        Assert.Contains($"[{rule}]({rule}.md)", File.ReadAllText(Path.Combine(s_root, "docs/analyzers/README.md")), StringComparison.Ordinal);
    }

    public static TheoryData<string> Applications => [.. s_examples
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(s_root, folder), "*.csproj", SearchOption.AllDirectories))
        .Where(project => File.ReadAllText(project) is var text && !text.Contains("Sdk.Web", StringComparison.Ordinal) && !text.Contains("OutputType", StringComparison.Ordinal) && !text.Contains("xunit", StringComparison.Ordinal))
        .Select(project => Path.GetRelativePath(s_root, project))];

    [Theory]
    [MemberData(nameof(Applications))]
    public async Task Samples_and_templates_are_examples_for_all_rules(string project)
    {
        var folder = Path.GetDirectoryName(Path.Combine(s_root, project))!;
        var linked = Compiled().Matches(await File.ReadAllTextAsync(Path.Combine(s_root, project))).Select(match => Path.Combine(folder, match.Groups["file"].Value))
            .SelectMany(file => Path.GetFileName(file) == "*.cs" ? Directory.EnumerateFiles(Path.GetDirectoryName(file)!, "*.cs") : [file]);
        var files = Directory.EnumerateFiles(folder, "*.cs").Concat(linked).GroupBy(Path.GetFileName).Select(named => named.First());
        var said = await Analysis.Of(["global using System.Collections.Immutable; global using static Midflight.Process; global using Microsoft.Extensions.Logging;", .. files.Select(File.ReadAllText), .. Shared(folder)]);
        Assert.DoesNotContain(said, rule => rule.DefaultSeverity > DiagnosticSeverity.Info);
    }

    // The messages of samples/hosting are in a project that it shares with its host.
    private static IEnumerable<string> Shared(string folder) =>
        Path.Combine(folder, "../contracts") is var contracts && Directory.Exists(contracts) && Path.GetFileName(folder) != "contracts" ? Directory.EnumerateFiles(contracts, "*.cs").Select(File.ReadAllText) : [];

    private static string Page(string rule) => File.ReadAllText(Path.Combine(s_root, $"docs/analyzers/{rule}.md"));

    private static string Example(string rule, string heading) =>
        Assert.Single(Block().Matches(Page(rule)), block => block.Groups["heading"].Value == heading).Groups["code"].Value;

    private static string Root(string folder) => File.Exists(Path.Combine(folder, "Midflight.slnx")) ? folder : Root(Path.GetDirectoryName(folder)!);

    [GeneratedRegex(@"## (?<heading>\w+)\n[^#]*?```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"<Compile Include=""(?<file>[^""]+)""")]
    private static partial Regex Compiled();
}
