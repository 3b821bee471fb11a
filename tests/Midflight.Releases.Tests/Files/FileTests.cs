using System.Text;

namespace Midflight.Releases.Tests.Files;

public sealed class FileTests
{
    [Fact]
    public void Every_file_is_written_as_it_was_read()
    {
        Assert.Equal(FileSamples.Application, Again(FileSamples.Application, ApplicationFile.Read, ApplicationFile.Write));
        Assert.Equal(FileSamples.Release, Again(FileSamples.Release, ReleaseFile.Read, ReleaseFile.Write));
        Assert.Equal(FileSamples.Appup, Again(FileSamples.Appup, AppupFile.Read, AppupFile.Write));
        Assert.Equal(FileSamples.Relup, Again(FileSamples.Relup, RelupFile.Read, RelupFile.Write));
        Assert.Equal(FileSamples.Boot, Again(FileSamples.Boot, BootFile.Read, BootFile.Write));
    }

    [Theory]
    [InlineData("", "f.json:1:1: found an empty file, expected one JSON object.")]
    [InlineData("{\n  \"name\": }", "f.json:2:11: found text that is not JSON ('}' is an invalid start of a value), expected JSON.")]
    [InlineData("[]", "f.json:1:1: found [], expected a release: an object.")]
    [InlineData("{\"name\":\"a\",\"name\":\"b\"}", "f.json:1:13: found a second \"name\" at name, expected each member once.")]
    [InlineData("{\"nam\":1}", "f.json:1:8: found a member \"nam\" at nam, expected only \"name\", \"version\", \"runtime\" and \"applications\".")]
    [InlineData("{}", "f.json:1:1: found no \"applications\" at applications, expected a list of applications.")]
    [InlineData(
        "{\"name\":\"d\",\"version\":\"1\",\"runtime\":\"10\",\n \"applications\":[{\"name\":\"a\",\"version\":\"1\",\"type\":\"eager\"}]}",
        "f.json:2:51: found \"eager\" at applications[0].type, expected \"permanent\", \"transient\", \"temporary\", \"load\" or \"none\".")]
    [InlineData("{\"name\":\"\\ud800\"}", "f.json:1:9: found a \\u escape that is half a character, expected text.")]
    public void A_mistake_is_told_with_its_line_and_column(string text, string sentence)
    {
        Assert.False(ReleaseFile.Read("f.json", Encoding.UTF8.GetBytes(text)).Succeeded(out _, out var error));
        Assert.Equal(sentence, error.ToString());
    }

    [Fact]
    public void Bytes_that_are_no_text_are_told_with_their_place()
    {
        Assert.False(ReleaseFile.Read("f.json", new byte[] { (byte)'{', (byte)'\n', (byte)'"', 0xC3, (byte)'"', (byte)'}' }).Succeeded(out _, out var error));
        Assert.Equal("f.json:2:2: found bytes that are not UTF-8, expected JSON.", error.ToString());
    }

    [Fact]
    public void A_mistake_inside_an_appup_stays_with_its_entry()
    {
        const string Text = """
            {"version":"2","up":[{"from":"1","instructions":[{"update":7},{"load_module":"A"}]},{"from":3,"instructions":[]}],"down":[]}
            """;

        Assert.True(AppupFile.Read("a.appup.json", Encoding.UTF8.GetBytes(Text)).Succeeded(out var appup, out _));

        Assert.IsType<HighLevel.LoadModule>(appup.Up[0].Instructions[1]);
        Assert.Equal(
            [
                "a.appup.json:1:60: found 7 at up[0].instructions[0].update, expected a module's name in quotes.",
                "a.appup.json:1:93: found 3 at up[1].from, expected a version in quotes.",
            ],
            appup.Mistakes.Select(mistake => mistake.ToString()));
    }

    [Fact]
    public void A_relup_holds_no_high_level_instructions()
    {
        const string Text = """{"version":"2","up":[{"from":"1","instructions":[{"update":"A"}]}],"down":[]}""";

        Assert.False(RelupFile.Read("relup.json", Encoding.UTF8.GetBytes(Text)).Succeeded(out _, out var error));
        Assert.Equal(
            "relup.json:1:50: found {\"update\":\"A\"} at up[0].instructions[0], expected a low-level instruction; high-level ones belong in an appup.",
            error.ToString());
    }

    private static string Again<T>(string text, Func<string, ReadOnlyMemory<byte>, FileRead<T>> read, Func<T, string> write) where T : class
    {
        Assert.True(read("f.json", Encoding.UTF8.GetBytes(text)).Succeeded(out var content, out var error), error?.ToString());
        return write(content);
    }
}
