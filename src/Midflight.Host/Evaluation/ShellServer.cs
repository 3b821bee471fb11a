using System.Collections.Concurrent;
using Midflight.Host.Control;

namespace Midflight.Host.Evaluation;

/// <summary>The shells of a node. It compiles nothing: the client compiles the input and sends the result.</summary>
internal sealed class ShellServer
{
    private readonly ConcurrentDictionary<long, ShellSession> _sessions = new();
    private readonly Node _node;
    private readonly FileLoad _load;
    private readonly ShellCode _code;
    private readonly Func<string, Func<Task<LoadReply>>, Task<LoadReply>> _alone;
    private long _last;

    /// <param name="node">The node.</param>
    /// <param name="code">Its code.</param>
    /// <param name="alone">Makes a load take its turn with releases. The first argument describes the load. Default: there are no releases, so it runs at once.</param>
    internal ShellServer(Node node, CodeServer code, Func<string, Func<Task<LoadReply>>, Task<LoadReply>>? alone = null)
    {
        (_node, _load, _code) = (node, new FileLoad(node, code), new ShellCode(code));
        _alone = alone ?? ((_, load) => load());

        // A shell that someone left open overnight must not keep yesterday's code in memory.
        code.Purging += () =>
        {
            foreach (var session in _sessions.Values)
            {
                session.LetGo();
            }
        };
    }

    /// <summary>The shells of a node without a release: they compile against its code.</summary>
    internal static ShellServer Alone(Node node) => new(node, new CodeServer(node, Conversions.For));

    /// <summary>How many shells are open.</summary>
    internal int Count => _sessions.Count;

    /// <summary>Lets clients of the control channel open shells.</summary>
    internal void Serve(ControlServer server) => server
        .Handle<OpenRequest, OpenReply>((_, client, _) =>
        {
            var opened = Open();
            client.ClientGone.Register(() => Close(new(opened.Shell)));
            return new(opened);
        })
        .Handle<ImagesRequest, ImagesReply>((request, _, _) => new(Images(request)))
        .Handle<RunRequest, RunReply>((request, _, _) => new(Run(request)))
        .Handle<LoadRequest, LoadReply>((request, _, _) => new(Load(request)))
        .Handle<BreakRequest, DoneReply>((request, _, _) => new(Break(request)))
        .Handle<CloseRequest, DoneReply>((request, _, _) => new(Close(request)));

    internal OpenReply Open()
    {
        var shell = Interlocked.Increment(ref _last);
        _sessions[shell] = new ShellSession(_node, _code);
        return new(shell);
    }

    internal ImagesReply Images(ImagesRequest request) => CodeImages.Of(_code.Current(), request.Known);

    internal Task<RunReply> Run(RunRequest request) => Find(request.Shell).Run(request);

    internal async Task<LoadReply> Load(LoadRequest request)
    {
        try
        {
            return await _alone($"loading {request.Application} in a shell", () => _load.Carry(request)).ConfigureAwait(false);
        }
        catch (ReleaseRefusedException refused)
        {
            // An upgrade is in progress or on probation, and may need the very code that this would purge.
            return new(refused.Message, [], [], 0);
        }
    }

    internal DoneReply Break(BreakRequest request)
    {
        Find(request.Shell).Break();
        return new();
    }

    internal DoneReply Close(CloseRequest request)
    {
        if (_sessions.TryRemove(request.Shell, out var session))
        {
            session.Close();
        }

        return new();
    }

    private ShellSession Find(long shell) => _sessions.TryGetValue(shell, out var session)
        ? session
        : throw new InvalidOperationException($"Shell {shell} is not open on this node. Open a new one; the node may have restarted.");
}
