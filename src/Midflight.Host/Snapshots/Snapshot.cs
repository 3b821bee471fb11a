using System.Collections.Immutable;
using System.Diagnostics;
using System.Reflection;
using Midflight.Host.Control;
using Midflight.Host.Control.Requests;

namespace Midflight.Host;

/// <summary>Writes the states of a running node to a file. Nothing is suspended: each process is looked at between two of its messages, and goes on.</summary>
/// <param name="node">The node.</param>
/// <param name="code">Its code.</param>
/// <param name="release">The name of its release.</param>
/// <param name="version">The version that runs.</param>
internal sealed class Snapshot(Node node, CodeServer code, string release, string version)
{
    // Between two writes to the disk: a process that is looked at does not wait for one.
    private const int Buffer = 1 << 20;

    private readonly List<SnapshotFrame.LeftOut> _leftOut = [];

    // A process that runs is looked at in its own slice, on whatever thread.
    private readonly Lock _lock = new();

    // The disk is full, for one. Nothing may be thrown while a process is looked at, or it would never go on.
    private Exception? _failure;
    private int _processes;
    private int _messages;
    private int _stored;

    /// <summary>Takes one.</summary>
    /// <exception cref="ControlRefusedException">It cannot be written; there is no file.</exception>
    internal async Task<SnapshotReply> Take(SnapshotRequest request, TimeSpan patience)
    {
        var began = Stopwatch.GetTimestamp();
        var temporary = $"{request.File}.{Guid.NewGuid():N}.part";

        if (!Path.IsPathFullyQualified(request.File))
        {
            throw new ControlRefusedException($"'{request.File}' is no full path, and the node has a folder of its own. Write the whole path.");
        }

        if (File.Exists(request.File))
        {
            throw new ControlRefusedException($"{request.File} is there already. Remove it, or name another file.");
        }

        try
        {
            long bytes;
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = Buffer };

            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            await using (var file = new FileStream(temporary, options))
            {
                await Write(file, request, patience).ConfigureAwait(false);
                bytes = file.Length;
            }

            File.Move(temporary, request.File, overwrite: false);
            return new(
                request.File, bytes, _processes, _messages, _stored, Math.Round(Stopwatch.GetElapsedTime(began).TotalMilliseconds, 1),
                [.. _leftOut.GroupBy(one => one.Why).Select(group => $"{group.First().What}{(group.Count() > 1 ? $" and {group.Count() - 1} more" : "")}: {group.Key}")]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ControlRefusedException($"The snapshot cannot be written: {exception.Message}");
        }
        finally
        {
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }
    }

    private async Task Write(Stream file, SnapshotRequest request, TimeSpan patience)
    {
        var modules = request.Modules.IsDefaultOrEmpty ? null : request.Modules.ToHashSet();
        var writer = new WireWriter(file, request.Secrets ? null : new(request.Masks.IsDefault ? [] : request.Masks));
        var midflight = typeof(Node).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
        Put(writer, new SnapshotFrame.OfNode(release, version, midflight, node.Time.GetUtcNow()), null);

        var cells = new ProcessSwitch(node).Of(body => body.Version is not null && (modules is null || modules.Contains(body.ModuleName)));

        if (modules is not null && modules.FirstOrDefault(module => !cells.Exists(cell => cell.Body?.ModuleName == module)) is { } unknown)
        {
            throw new ControlRefusedException($"No process runs the module {unknown}. `processes` shows those that are there.");
        }

        var late = await ProcessSwitch.DoInTurn(cells, cell => Look(writer, cell), patience, node.Time).ConfigureAwait(false);

        Fail();

        foreach (var cell in late)
        {
            LeaveOut(writer, $"{cell.Pid} ({cell.Body?.ModuleName})", $"It did not come between two messages within {patience.TotalSeconds:0.#} s. Take the snapshot again when it has.");
        }

        if (modules is null)
        {
            foreach (var store in node.Stores.All)
            {
                Look(writer, store);
            }
        }

        Fail();
    }

    private void Fail()
    {
        if (_failure is not null)
        {
            throw new IOException(_failure.Message, _failure);
        }
    }

    private void Look(WireWriter writer, Cell cell)
    {
        if (cell.Body is not { Version: { } version } body)
        {
            return;
        }

        var who = $"{cell.Pid} ({body.ModuleName})";

        if (body is not ServerBody server)
        {
            LeaveOut(writer, who, "It has a loop of its own, which alone knows its state. Make it a GenServer where its state matters.");
            return;
        }

        // Their state is Midflight's own, and made of what the code says.
        if (server.State is SupervisorState or DynamicSupervisorState)
        {
            return;
        }

        var application = version.Application.Name;
        var vsn = code.Find(application) is { } loaded ? (loaded.Current?.Version == version ? loaded.Current : loaded.Old)?.Vsn(server.ModuleName) : null;
        ImmutableArray<string> names = [.. cell.Names];

        lock (_lock)
        {
            if (!TryPut(writer, who, new SnapshotFrame.OfProcess(cell.Number, names, server.ModuleName, application, vsn ?? ""), server.State))
            {
                return;
            }

            _processes++;

            foreach (var message in cell.Mailbox.All().OfType<Message>().Where(message => message.Content is not SystemRequest && message is not PendingCall { IsReply: true }))
            {
                _messages += TryPut(writer, $"a message to {who}", new SnapshotFrame.OfMessage(server.ModuleName, application), message.Content) ? 1 : 0;
            }
        }
    }

    private void Look(WireWriter writer, HotStore store)
    {
        lock (_lock)
        {
            foreach (var entry in store.Stored)
            {
                var application = Midflight.Host.Look.For(entry, met => LoadedTypes.IsHot(met.GetType())) is var (met, _) ? CodeVersion.Of(met.GetType())!.Application.Name : "";
                _stored += TryPut(writer, store.Title, new SnapshotFrame.OfStored(store.Title, application), entry) ? 1 : 0;
            }
        }
    }

    private bool TryPut(WireWriter writer, string who, SnapshotFrame frame, object? value)
    {
        if (_failure is not null)
        {
            return false;
        }

        try
        {
            Put(writer, frame, value);
            return true;
        }
        catch (ConversionRefusedException refused)
        {
            LeaveOut(writer, who, refused.Message);
        }
        catch (Exception exception)
        {
            _failure = exception;
        }

        return false;
    }

    private void LeaveOut(WireWriter writer, string what, string why)
    {
        lock (_lock)
        {
            var frame = new SnapshotFrame.LeftOut(what, why);
            _leftOut.Add(frame);

            if (_failure is null)
            {
                try
                {
                    Put(writer, frame, null);
                }
                catch (Exception exception)
                {
                    _failure = exception;
                }
            }
        }
    }

    private static void Put(WireWriter writer, SnapshotFrame frame, object? value) => writer.Write(value, frame.Write);
}
