using System.Text;
using System.Text.RegularExpressions;

namespace Midflight.Releases.Tests.Files;

public sealed partial class FilesPageTests
{
    [Theory]
    [InlineData("NAME.app.json")]
    [InlineData("NAME.rel.json")]
    [InlineData("NAME.appup.json")]
    [InlineData("relup.json")]
    [InlineData("boot.json")]
    public void The_example_of_each_file_on_its_page_can_be_read(string file)
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "reference", "files.md"));
        var section = page[page.IndexOf($"## {file}", StringComparison.Ordinal)..];
        var example = Encoding.UTF8.GetBytes(Fence().Match(section).Groups[1].Value);

        Assert.Null(file switch
        {
            "NAME.app.json" => Mistake(ApplicationFile.Read(file, example)),
            "NAME.rel.json" => Mistake(ReleaseFile.Read(file, example)),
            "NAME.appup.json" => Mistake(AppupFile.Read(file, example), appup => appup.Mistakes.FirstOrDefault()),
            "relup.json" => Mistake(RelupFile.Read(file, example)),
            _ => Mistake(BootFile.Read(file, example)),
        });
    }

    private static FileError? Mistake<T>(FileRead<T> read, Func<T, FileError?>? inside = null) where T : class =>
        read.Succeeded(out var content, out var error) ? inside?.Invoke(content) : error;

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Midflight.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fence();
}
