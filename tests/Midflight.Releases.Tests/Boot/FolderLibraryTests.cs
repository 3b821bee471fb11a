namespace Midflight.Releases.Tests.Boot;

public sealed class FolderLibraryTests : IDisposable
{
    private readonly string _lib = Directory.CreateTempSubdirectory("library").FullName;

    [Fact]
    public void Every_version_of_an_application_is_found_with_its_appup()
    {
        Write("octochat-0.1.0", "octochat.app.json", ApplicationFile.Write(new ApplicationSpec("octochat", "0.1.0")));
        Write("octochat-0.2.0", "octochat.app.json", ApplicationFile.Write(new ApplicationSpec("octochat", "0.2.0")));
        Write("octochat-0.2.0", "octochat.appup.json", AppupFile.Write(new Appup("0.2.0", [], [])));
        Write("octochat-tools-1.0", "octochat-tools.app.json", ApplicationFile.Write(new ApplicationSpec("octochat-tools", "1.0")));
        var library = new FolderLibrary(_lib, Path.Combine(_lib, "not-there"));

        var found = library.Find("octochat").ToArray();

        Assert.Equal(["0.1.0", "0.2.0"], found.Select(item => item.Spec.Succeeded(out var spec, out _) ? spec.Version : "none"));
        Assert.True(library.ReadAppup(found[1].Folder, "octochat").Succeeded(out var appup, out _));
        Assert.Equal("0.2.0", appup.Version);
    }

    [Fact]
    public void An_appup_that_is_not_there_is_told_with_the_file_that_was_looked_for()
    {
        Assert.False(new FolderLibrary(_lib).ReadAppup(_lib, "octochat").Succeeded(out _, out var error));
        Assert.Equal(FileFault.NotFound, error.Fault);
        Assert.Equal($"{Path.Combine(_lib, "octochat.appup.json")}: found no such file, expected an appup.", error.ToString());
    }

    public void Dispose() => Directory.Delete(_lib, recursive: true);

    private void Write(string folder, string file, string text)
    {
        Directory.CreateDirectory(Path.Combine(_lib, folder));
        File.WriteAllText(Path.Combine(_lib, folder, file), text);
    }
}
