namespace Midflight.Releases.Tests.Otp;

/// <summary>The applications of a case, and behind them those that all cases share.</summary>
internal sealed class CaseLibrary(CaseFiles files, string path) : IApplicationLibrary
{
    private readonly string[] _folders = [.. files.CodeFolders($"{path}/lib"), .. files.CodeFolders("base/lib")];

    public IEnumerable<FoundApplication> Find(string name) =>
        from folder in _folders
        let file = $"{folder}/{name}.app"
        let bytes = files.Find(file)
        where bytes is not null
        select new FoundApplication(folder, FileTerms.Application(file, bytes));

    public FileRead<Appup> ReadAppup(string folder, string name) =>
        FileTerms.Appup($"{folder}/{name}.appup", files.Find($"{folder}/{name}.appup"));
}
