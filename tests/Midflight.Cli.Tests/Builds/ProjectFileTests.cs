using Midflight.Cli.Builds;

namespace Midflight.Cli.Tests.Builds;

public sealed class ProjectFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("midflight-project-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_folder_stands_for_the_project_in_it()
    {
        var file = Touch("Demo.csproj");

        Assert.Equal(file, ProjectFile.Find(_folder));
        Assert.Equal(file, ProjectFile.Find(file));
    }

    [Fact]
    public void What_is_not_there_is_named() => Refuses(
        Path.Combine(_folder, "nowhere"), $"There is no {_folder}/nowhere. Give a .csproj file or its folder.");

    [Fact]
    public void A_folder_without_a_project_is_named() => Refuses(
        _folder, $"{_folder} holds no C# project. Give a .csproj file or its folder.");

    [Fact]
    public void Of_several_projects_one_has_to_be_given()
    {
        Touch("Demo.csproj");
        Touch("Chat.csproj");

        Refuses(_folder, $"{_folder} holds Chat.csproj, Demo.csproj. Give one of them.");
    }

    [Fact]
    public void Another_file_is_no_project() => Refuses(
        Touch("Demo.cs"), $"{_folder}/Demo.cs is not a C# project. Give a .csproj file or its folder.");

    private static void Refuses(string path, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<Failure>(() => ProjectFile.Find(path)).Message);

    private string Touch(string name)
    {
        var file = Path.Combine(_folder, name);
        File.WriteAllText(file, "");
        return file;
    }
}
