using Midflight.Host.Control;
using Midflight.Host.Evaluation;

namespace Midflight.Shell;

/// <summary>The node behind a shell, in this operating system process or another.</summary>
internal abstract class ShellNode
{
    internal abstract Task<OpenReply> Open();

    internal abstract Task<ImagesReply> Images(ImagesRequest request);

    internal abstract Task<RunReply> Run(RunRequest request);

    internal abstract Task<LoadReply> Load(LoadRequest request);

    internal abstract Task Break(BreakRequest request);

    internal abstract Task Close(CloseRequest request);

    /// <summary>A node in this operating system process.</summary>
    internal sealed class Local(ShellServer server) : ShellNode
    {
        internal override Task<OpenReply> Open() => Task.FromResult(server.Open());

        internal override Task<ImagesReply> Images(ImagesRequest request) => Task.FromResult(server.Images(request));

        internal override Task<RunReply> Run(RunRequest request) => server.Run(request);

        internal override Task<LoadReply> Load(LoadRequest request) => server.Load(request);

        internal override Task Break(BreakRequest request)
        {
            server.Break(request);
            return Task.CompletedTask;
        }

        internal override Task Close(CloseRequest request)
        {
            server.Close(request);
            return Task.CompletedTask;
        }
    }

    /// <summary>A node in another operating system process, behind its control channel.</summary>
    internal sealed class Remote(ControlClient client) : ShellNode
    {
        internal override Task<OpenReply> Open() => client.Call<OpenRequest, OpenReply>(new());

        internal override Task<ImagesReply> Images(ImagesRequest request) => client.Call<ImagesRequest, ImagesReply>(request);

        internal override Task<RunReply> Run(RunRequest request) => client.Call<RunRequest, RunReply>(request);

        internal override Task<LoadReply> Load(LoadRequest request) => client.Call<LoadRequest, LoadReply>(request);

        internal override Task Break(BreakRequest request) => client.Call<BreakRequest, DoneReply>(request);

        internal override Task Close(CloseRequest request) => client.Call<CloseRequest, DoneReply>(request);
    }
}
