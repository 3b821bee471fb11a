using System.Text.RegularExpressions;

namespace Repo.Tests;

/// <summary>What people read tells the truth about what is there.</summary>
public sealed partial class DocumentTests
{
    public static TheoryData<string> Documents => [.. Repository.Files("*.md")];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_link_to_a_file_leads_somewhere(string document)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, document))!;
        var broken = Link().Matches(Code().Replace(Repository.Read(document), ""))
            .Select(match => match.Groups[1].Value.Split('#')[0])
            .Where(target => target.Length > 0 && !target.Contains("://", StringComparison.Ordinal))
            .Where(target => !Path.Exists(Path.Combine(folder, target)));

        Assert.Empty(broken);
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_block_of_code_that_names_its_file_is_in_that_file_word_by_word(string document) => Assert.All(
        NamedBlock().Matches(Repository.Read(document)),
        block => Assert.Contains(block.Groups["code"].Value, Repository.Read(block.Groups["file"].Value), StringComparison.Ordinal));

    [Fact]
    public void An_error_that_is_explained_is_one_that_the_code_says()
    {
        var code = Repository.Files("*.cs").Concat(Repository.Files("release.sh")).Where(file => file.StartsWith("src/", StringComparison.Ordinal)).Select(Repository.Read).ToList();
        var errors = Explained().Matches(Repository.Read("docs/guide/troubleshooting.md")).Select(match => match.Groups["text"].Value).ToList();

        Assert.NotEmpty(errors);
        // What differs from time to time is `…`, and the code has something of its own there.
        Assert.All(errors, error => Assert.Contains(code, text => error.Split('…', StringSplitOptions.RemoveEmptyEntries).All(part => text.Contains(part, StringComparison.Ordinal))));
    }

    [Fact]
    public void The_house_is_complete() => Assert.All(
        ["README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/semantics.md", "docs/glossary.md", "check", "demo", "midflight", ".ci/run"],
        file => Assert.True(File.Exists(Path.Combine(Repository.Root, file)), $"{file} is missing."));

    [Fact]
    public void The_solution_lists_every_project()
    {
        var solution = Repository.Read("Midflight.slnx");
        var templates = "src/Midflight.Templates/content/";
        Assert.All(Repository.Files("*.csproj").Where(project => !project.StartsWith(templates, StringComparison.Ordinal)), project => Assert.Contains($"\"{project}\"", solution, StringComparison.Ordinal));
    }

    [Fact]
    public void Decisions_are_numbered_without_a_gap_and_fit_on_a_page()
    {
        var decisions = Repository.Files("*.md").Where(file => file.StartsWith("docs/decisions/", StringComparison.Ordinal)).ToList();
        Assert.Equal(
            Enumerable.Range(1, decisions.Count),
            decisions.Select(file => int.Parse(Path.GetFileName(file)[..4], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.All(decisions, file => Assert.InRange(Repository.Read(file).Split('\n').Length, 5, 80));
    }

    [Fact]
    public void No_source_leaves_work_without_an_issue()
    {
        var todo = Repository.Files("*.cs").Where(file => file.StartsWith("src/", StringComparison.Ordinal))
            .Where(file => Unnumbered().IsMatch(Repository.Read(file)));
        Assert.Empty(todo);
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"<!-- (?<file>\S+) -->\n```\w+\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex NamedBlock();

    [GeneratedRegex("^### `(?<text>.+)`$", RegexOptions.Multiline)]
    private static partial Regex Explained();

    [GeneratedRegex("```.*?```|`[^`\n]*`", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"TODO(?! #\d)|HACK|XXX")]
    private static partial Regex Unnumbered();
}
