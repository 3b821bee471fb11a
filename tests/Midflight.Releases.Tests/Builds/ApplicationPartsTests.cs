using Midflight.Releases.Builds;

namespace Midflight.Releases.Tests.Builds;

/// <summary>Projects are written <c>name -> what it refers to</c>; a capital letter refers to Midflight, a <c>#</c> is a package.</summary>
public sealed class ApplicationPartsTests
{
    [Fact]
    public void A_project_by_itself_is_one_application() =>
        Assert.Equal(["own Chat, packages, uses"], Divide("Chat", "Chat -> Midflight"));

    [Fact]
    public void A_project_that_refers_to_midflight_is_an_application_of_its_own() =>
        Assert.Equal(["own Chat, packages, uses Rooms", "own Rooms, packages, uses"], Divide("Chat", "Chat -> Rooms", "Rooms -> Midflight"));

    [Fact]
    public void A_project_that_does_not_belongs_to_the_one_that_uses_it() =>
        Assert.Equal(
            ["own Chat words, packages, uses Rooms", "own Rooms maths numbers, packages, uses"],
            Divide("Chat", "Chat -> words Rooms", "Rooms -> maths", "maths -> numbers", "words ->", "numbers ->"));

    [Fact]
    public void A_project_that_two_applications_use_is_an_application_without_processes() =>
        Assert.Equal(
            ["own Chat, packages, uses Rooms words", "own Rooms, packages, uses words", "own words letters, packages, uses"],
            Divide("Chat", "Chat -> words Rooms", "Rooms -> words", "words -> letters", "letters ->"));

    [Fact]
    public void Packages_belong_to_each_application_that_reaches_them() =>
        Assert.Equal(
            ["own Chat, packages #json, uses Rooms", "own Rooms words, packages #text #json, uses"],
            Divide("Chat", "Chat -> #json Rooms", "Rooms -> words", "words -> #text", "#text -> #json", "#json ->"));

    [Fact]
    public void What_the_node_has_belongs_to_none() =>
        Assert.Equal(["own Chat, packages, uses"], Divide("Chat", "Chat -> Midflight", "Midflight -> #logging", "#logging ->"));

    [Fact]
    public void A_shared_project_is_no_part_and_no_application_but_comes_along_like_a_package() =>
        Assert.Equal(
            ["own Chat, packages contracts, uses Rooms", "own Rooms, packages contracts, uses"],
            Divide("Chat", ["contracts"], "Chat -> contracts Rooms", "Rooms -> contracts", "contracts ->"));

    private static string[] Divide(string root, params string[] projects) => Divide(root, new HashSet<string>(), projects);

    private static string[] Divide(string root, HashSet<string> shared, params string[] projects)
    {
        var all = projects.Select(project => project.Split("->")).Select(sides => new Dependency(
            sides[0].Trim(),
            !sides[0].StartsWith('#'),
            [.. sides[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)],
            []));
        return
        [
            .. ApplicationParts.Divide(root, [.. all], has => has.Name is "Midflight" or "#logging", project => char.IsUpper(project.Name[0]), shared)
                .Select(part => string.Join(", ", Names("own", part.Own), Names("packages", part.Packages), $"uses {string.Join(' ', part.Uses)}".Trim())),
        ];
    }

    private static string Names(string what, IEnumerable<Dependency> dependencies) =>
        $"{what} {string.Join(' ', dependencies.Select(dependency => dependency.Name))}".Trim();
}
