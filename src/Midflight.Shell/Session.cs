using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Midflight.Host.Evaluation;

namespace Midflight.Shell;

/// <summary>A conversation with a node: takes input and returns what to show.</summary>
internal sealed class Session : IAsyncDisposable
{
    // What every shell can use without a prefix. Not System.Threading: its Monitor is not Midflight's.
    private static readonly string[] Imports =
    [
        "System", "System.Collections.Generic", "System.Collections.Immutable", "System.IO", "System.Linq", "System.Threading.Tasks",
        "Midflight", "static Midflight.Process", "static Midflight.GenServer", "static Midflight.Host.Evaluation.ShellFunctions",
    ];

    private readonly ShellNode _node;
    private readonly long _shell;
    private readonly References _references = new();
    private Chain _chain = new("", []);
    private int _number;

    // The file of each module that was compiled in this session.
    private readonly Dictionary<string, SourceFile> _files = [];
    private readonly string _folder;

    private Session(ShellNode node, long shell, string folder) => (_node, _shell, _folder) = (node, shell, folder);

    /// <param name="node">The node to run on.</param>
    /// <param name="folder">The folder to look for files in.</param>
    internal static async Task<Session> Open(ShellNode node, string folder)
    {
        var opened = await node.Open();
        var session = new Session(node, opened.Shell, folder);
        await session.Renew();
        return session;
    }

    /// <summary>Carries out input.</summary>
    internal Task<Shown> Enter(string text) => PromptCommand.Of(SubmissionCompiler.Parse(text)) switch
    {
        null => Run(text),
        PromptCommand.Compile(var file) => Compile(file),
        PromptCommand.Load(var module, var moves) => Load(module, moves),
        PromptCommand.Help => Task.FromResult(new Shown(HelpText.Text, IsError: false)),
        PromptCommand.Exit => Task.FromResult(new Shown("", IsError: false, IsGoodbye: true)),
        PromptCommand.Wrong(var sentence) => Task.FromResult(new Shown(sentence, IsError: true)),
        var command => throw new InvalidOperationException($"No way to carry out {command}."),
    };

    private async Task<Shown> Run(string text)
    {
        var notes = new StringBuilder();

        while (true)
        {
            var submission = _chain.Compile(text, ++_number);

            if (!submission.Compiles)
            {
                // The input may name code that the node has only just got.
                if (await Renew(notes))
                {
                    continue;
                }

                return new(notes + Show(submission.Errors), IsError: true);
            }

            if (submission.Image is null)
            {
                _chain.Add(submission);
                return new(notes.ToString(), false);
            }

            var reply = await _node.Run(new(_shell, _chain.Stamp, submission.Name, submission.Image, submission.HasValue, null));

            if (reply.Outcome == RunOutcome.Stale)
            {
                await Renew(notes);
                continue;
            }

            // What it declared before it failed stays, as at every C# prompt.
            _chain.Add(submission);
            return reply.Failure is { } failure
                ? new(notes + failure, IsError: true)
                : new(notes + reply.Value, IsError: false);
        }
    }

    private async Task<Shown> Compile(string file)
    {
        var path = Path.GetFullPath(file, _folder);
        var source = new SourceFile(File.Exists(path) || !File.Exists(path + ".cs") ? path : path + ".cs");

        if (!File.Exists(source.Path))
        {
            return new($"There is no file {source.Path}. The shell looks in {_folder}.", IsError: true);
        }

        var (reply, said) = await Load(source, moves: false);
        return reply is null || reply.Refusal is not null
            ? new(said.ToString().TrimEnd(), IsError: true)
            : new($"{said}[{string.Join(", ", reply.Modules)}]", IsError: false);
    }

    private async Task<Shown> Load(string module, bool moves)
    {
        var known = _files.Keys.FirstOrDefault(name => name == module) ?? _files.Keys.FirstOrDefault(name => name.EndsWith("." + module, StringComparison.Ordinal));
        var source = known is null ? SourceFile.Find(_folder, module) : _files[known];

        if (source is null)
        {
            return new($"No file is known for {module}. Compile it once by name, as in c(\"{module.ToLowerInvariant()}.cs\"), or upgrade the release that it belongs to.", IsError: true);
        }

        var (reply, said) = await Load(source, moves);

        if (reply is null || reply.Refusal is not null)
        {
            return new(said.ToString().TrimEnd(), IsError: true);
        }

        var processes = reply.Moved == 1 ? "1 process" : $"{reply.Moved} processes";
        return new($"{said}{known ?? module}{(moves ? $", {processes} changed" : "")}", IsError: false);
    }

    private async Task<(LoadReply? Reply, StringBuilder Said)> Load(SourceFile source, bool moves)
    {
        var said = new StringBuilder();
        await Renew(said);
        var compiled = source.Compile(_references.Without(source.Application));

        foreach (var diagnostic in compiled.Said)
        {
            said.AppendLine(Show(diagnostic));
        }

        if (!compiled.Compiles)
        {
            return (null, said);
        }

        var reply = await _node.Load(new(source.Application, compiled.Image, compiled.Symbols, moves));
        said.Append(string.Concat(reply.Notes.Select(note => $"note: {note}{Environment.NewLine}"))).Append(reply.Refusal);

        foreach (var module in reply.Modules)
        {
            _files[module] = source;
        }

        await Renew(said);
        return (reply, said);
    }

    /// <summary>Stops what is running. The shell goes on in a new process, with its variables.</summary>
    internal Task Break() => _node.Break(new(_shell));

    public async ValueTask DisposeAsync() => await _node.Close(new(_shell));

    /// <summary>If the node's code has changed, starts a new chain and carries variables and declarations over.</summary>
    /// <returns>Whether the code had changed.</returns>
    private async Task<bool> Renew(StringBuilder? notes = null)
    {
        var images = await _node.Images(new(_references.Known));

        if (images.Stamp == _references.Stamp && _chain.Usings.Count > 0)
        {
            return false;
        }

        _references.Take(images);
        var renewal = new Renewal(_chain, [.. Imports, .. _references.Namespaces]);

        while (true)
        {
            var chain = new Chain(_references.Stamp, _references.All);
            var submission = renewal.Compile(chain, ++_number);
            var reply = await _node.Run(new(_shell, chain.Stamp, submission.Name, submission.Image!, false, renewal.Carried));

            if (reply.Outcome == RunOutcome.Stale)
            {
                // The code has changed again in the meantime.
                return await Renew(notes);
            }

            renewal.Drop(reply.Lost);

            if (reply.Lost.IsEmpty)
            {
                chain.Add(submission);
                _chain = chain;
                notes?.Append(renewal.Notes);
                return true;
            }
        }
    }

    private static string Show(ImmutableArray<Diagnostic> errors) => string.Join(Environment.NewLine, errors.Select(Show));

    // Files are shown by name: the user knows the folder.
    private static string Show(Diagnostic diagnostic)
    {
        var text = CSharpDiagnosticFormatter.Instance.Format(diagnostic, CultureInfo.InvariantCulture);
        var path = diagnostic.Location.SourceTree?.FilePath ?? "";
        return path.Length == 0 ? text : text.Replace(path, Path.GetFileName(path), StringComparison.Ordinal);
    }
}

/// <summary>The answer of a shell.</summary>
/// <param name="Text">The text to show; empty if there is none.</param>
/// <param name="IsError">Whether it is a refusal or an exception.</param>
/// <param name="IsGoodbye">Whether it was <c>exit()</c>.</param>
internal sealed record Shown(string Text, bool IsError, bool IsGoodbye = false);
