using System.Diagnostics;
using OsProcess = System.Diagnostics.Process;
using Midflight.Host.Control;
using Midflight.Host.Control.Requests;

namespace Midflight.Cli.Nodes;

/// <summary>Starts and stops the node as an operating system process of its own.</summary>
internal sealed class Background(Target target, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    // Lines of the log that are shown when a start fails.
    private const int MostLogLines = 30;

    /// <summary>Starts the last committed release and waits until it serves.</summary>
    /// <exception cref="NodeRunningException">A node runs already.</exception>
    /// <exception cref="Failure">It ended instead, or did not answer in time; the message holds the end of its log.</exception>
    public async Task<PingReply> Start(TimeSpan timeout, CancellationToken cancellation)
    {
        if (NodeLock.IsTaken(target.Layout))
        {
            throw new NodeRunningException(target.Layout.Root, NodeLock.PidOf(target.Layout));
        }

        var next = target.Next;
        Directory.CreateDirectory(target.Layout.Run);
        var log = target.Layout.Log(target.Name);
        var logStart = File.Exists(log) ? new FileInfo(log).Length : 0;
        var node = Detach(log);
        var isSecond = false;
        var began = time.GetTimestamp();
        while (true)
        {
            if (await TryPing(cancellation) is { } ping)
            {
                return ping;
            }

            if (node.HasExited && !isSecond && File.Exists(target.Layout.StartingFile))
            {
                // .NET could not start: the command looks why, and falls back to the release before where there is one.
                isSecond = true;
                node.Dispose();
                node = Detach(log);
                continue;
            }

            if (node.HasExited)
            {
                throw new Failure($"{target.Name} {next.Release} did not start: it ended with code {node.ExitCode}. {EndOf(log, logStart)}");
            }

            if (time.GetElapsedTime(began) > timeout)
            {
                throw new Failure(
                    $"{target.Name} {next.Release} did not answer within {timeout.TotalSeconds:0} s; it is still starting as process {node.Id}. " +
                    $"Wait longer with --timeout, or end it with `kill {node.Id}`. {EndOf(log, logStart)}");
            }

            await Task.Delay(Pause, time, cancellation);
        }
    }

    /// <summary>Stops the node and waits until it has ended.</summary>
    /// <returns>The process that it was.</returns>
    /// <exception cref="NodeUnreachableException">No node runs.</exception>
    /// <exception cref="Failure">It did not end in time.</exception>
    public async Task<int> Stop(TimeSpan timeout, CancellationToken cancellation)
    {
        var pid = (await Verb.Ask<StopRequest, StopReply>(target, new(), quiet: true, cancellation)).Pid;
        var began = time.GetTimestamp();
        while (NodeLock.IsTaken(target.Layout))
        {
            if (time.GetElapsedTime(began) > timeout)
            {
                throw new Failure(
                    $"{target.Name} is still stopping after {timeout.TotalSeconds:0} s. Wait, or end it with `kill -9 {pid}`.");
            }

            await Task.Delay(Pause, time, cancellation);
        }

        return pid;
    }

    // A session of its own, so that the end of this terminal is not its end; `exec` all the way, so that the
    // process started here is the node and its exit is seen.
    private OsProcess Detach(string log)
    {
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = target.Layout.Root };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(
            "detach=; if command -v setsid >/dev/null; then detach=setsid; fi; trap '' HUP; " +
            "exec $detach \"$0\" foreground </dev/null >>\"$1\" 2>&1");
        start.ArgumentList.Add(target.Layout.Command(target.Name));
        start.ArgumentList.Add(log);
        return OsProcess.Start(start) ?? throw new Failure("/bin/sh cannot be started.");
    }

    private async Task<PingReply?> TryPing(CancellationToken cancellation)
    {
        if (!File.Exists(target.Layout.ControlSocket))
        {
            return null;
        }

        try
        {
            return await Verb.Ask<PingRequest, PingReply>(target, new(), quiet: true, cancellation);
        }
        catch (Exception error) when (error is NodeUnreachableException or ControlFailedException)
        {
            // A socket of a node that was killed, or a node that is not ready yet.
            return null;
        }
    }

    private static string EndOf(string log, long from)
    {
        using var stream = new FileStream(log, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = Math.Min(from, stream.Length);
        using var reader = new StreamReader(stream);
        var lines = reader.ReadToEnd().TrimEnd().Split('\n');
        return $"Its log, {log}, ends with:{Environment.NewLine}{string.Join(Environment.NewLine, lines.TakeLast(MostLogLines))}";
    }
}
