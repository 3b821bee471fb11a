using Midflight.Host;
using Midflight.Host.Evaluation;
using Midflight.Testing;

namespace Midflight.Shell.Tests;

/// <summary>A shell with a node and a folder of its own.</summary>
internal sealed class TestShell : IAsyncDisposable
{



    private readonly ShellServer _shells;

    private TestShell(Node node, CodeServer code, ShellServer shells, Session session, CapturedLog log, string folder) =>
        (Node, Code, _shells, Session, Log, Folder) = (node, code, shells, session, log, folder);

    internal Node Node { get; }

    internal CodeServer Code { get; }

    internal Session Session { get; }

    /// <summary>What the node logs.</summary>
    internal CapturedLog Log { get; }

    /// <summary>Where <c>c</c> looks for files.</summary>
    internal string Folder { get; }

    internal static async Task<TestShell> Open()
    {
        var log = new CapturedLog();
        var node = new Node(log);
        var folder = Directory.CreateTempSubdirectory("midflight-shell").FullName;
        var code = new CodeServer(node, Conversions.For);
        var shells = new ShellServer(node, code);
        return new(node, code, shells, await Midflight.Shell.Session.Open(new ShellNode.Local(shells), folder), log, folder);
    }

    /// <summary>Another shell on the same node.</summary>
    internal async Task<Session> Beside() => await Midflight.Shell.Session.Open(new ShellNode.Local(_shells), Folder);

    internal Task<Shown> Show(string text) => Session.Enter(text);

    internal async Task<string> Enter(string text) => (await Show(text)).Text;

    internal void Write(string file, string text) => File.WriteAllText(Path.Combine(Folder, file), text);

    public async ValueTask DisposeAsync()
    {
        await Session.DisposeAsync();
        await Node.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
