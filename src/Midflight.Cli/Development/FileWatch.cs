using System.Threading.Channels;

namespace Midflight.Cli.Development;

/// <summary>Reports which files have changed, once the writer has finished.</summary>
internal sealed class FileWatch : IDisposable
{
    // An editor writes a file in several steps within a few milliseconds.
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(20);

    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly Channel<string> _changed = Channel.CreateUnbounded<string>();

    /// <param name="folders">The folders to watch, with their subfolders except <c>bin</c> and <c>obj</c>.</param>
    public FileWatch(IEnumerable<string> folders)
    {
        foreach (var folder in folders)
        {
            var watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true, NotifyFilter = NotifyFilters.LastWrite | NotifyFilters.FileName | NotifyFilters.Size };
            watcher.Changed += (_, change) => Tell(folder, change.FullPath);
            watcher.Created += (_, change) => Tell(folder, change.FullPath);
            watcher.Deleted += (_, change) => Tell(folder, change.FullPath);
            watcher.Renamed += (_, change) =>
            {
                Tell(folder, change.OldFullPath);
                Tell(folder, change.FullPath);
            };
            _watchers.Add(watcher);
        }
    }

    /// <summary>Starts to watch.</summary>
    public void Begin() => _watchers.ForEach(watcher => watcher.EnableRaisingEvents = true);

    /// <summary>Waits for a change.</summary>
    /// <returns>The files that were written, created, renamed or deleted, by full path.</returns>
    public async Task<HashSet<string>> Next(CancellationToken cancellation)
    {
        var files = new HashSet<string> { await _changed.Reader.ReadAsync(cancellation) };

        while (true)
        {
            while (_changed.Reader.TryRead(out var file))
            {
                files.Add(file);
            }

            var more = _changed.Reader.WaitToReadAsync(cancellation).AsTask();

            if (await Task.WhenAny(more, Task.Delay(s_rest, TimeProvider.System, cancellation)) != more)
            {
                return files;
            }

            await more;
        }
    }

    private void Tell(string folder, string file)
    {
        var parts = Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar);

        if (!parts.Any(part => part is "bin" or "obj" or ".git" or ".vs"))
        {
            _changed.Writer.TryWrite(file);
        }
    }

    public void Dispose() => _watchers.ForEach(watcher => watcher.Dispose());
}
