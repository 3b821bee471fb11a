using System.Runtime.Versioning;
using Midflight.Cli.Terminals;

namespace Midflight.Cli.Tests.Commands;

[UnsupportedOSPlatform("windows")]
public sealed class LineHistoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("midflight-history-").FullName;

    private string FilePath => Path.Combine(_folder, "midflight", "history");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Lines_outlive_the_shell_and_only_their_owner_reads_them()
    {
        var first = new LineHistory(FilePath);
        first.Add("one");
        first.Add("two");

        Assert.Equal(["one", "two"], new LineHistory(FilePath).Lines);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
    }

    [Fact]
    public void An_empty_line_the_same_again_and_one_that_begins_with_a_space_are_not_kept()
    {
        var history = new LineHistory(FilePath);
        Assert.All(["one", "", "one", " Login(\"secret\")"], history.Add);

        Assert.Equal(["one"], new LineHistory(FilePath).Lines);
    }

    [Fact]
    public void The_file_does_not_grow_for_ever()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        File.WriteAllLines(FilePath, Enumerable.Range(1, 2001).Select(number => $"line {number}"));

        Assert.Equal(1000, new LineHistory(FilePath).Lines.Count);
        Assert.Equal(1000, File.ReadAllLines(FilePath).Length);
        Assert.Equal("line 2001", new LineHistory(FilePath).Lines[^1]);
    }

    [Fact]
    public void Without_a_file_that_can_be_written_lines_are_kept_until_the_end()
    {
        File.WriteAllText(Path.Combine(_folder, "midflight"), "in the way");
        var history = new LineHistory(FilePath);
        history.Add("one");

        Assert.Equal(["one"], history.Lines);
    }
}
