namespace Midflight.Releases;

/// <summary>The <c>lib</c> folders of releases on disk.</summary>
/// <param name="folders">The <c>lib</c> folders, in search order.</param>
public sealed class FolderLibrary(params IReadOnlyList<string> folders) : IApplicationLibrary
{
    /// <inheritdoc/>
    public IEnumerable<FoundApplication> Find(string name) =>
        from lib in folders
        where Directory.Exists(lib)
        from folder in Directory.GetDirectories(lib, $"{name}-*").Order(StringComparer.Ordinal)
        let file = Path.Combine(folder, $"{name}.app.json")
        where File.Exists(file)
        select new FoundApplication(folder, ApplicationFile.Read(file, File.ReadAllBytes(file)));

    /// <inheritdoc/>
    public FileRead<Appup> ReadAppup(string folder, string name)
    {
        var file = Path.Combine(folder, $"{name}.appup.json");
        return File.Exists(file)
            ? AppupFile.Read(file, File.ReadAllBytes(file))
            : new FileError(file, 0, 0, "no such file", "an appup") { Fault = FileFault.NotFound };
    }
}
